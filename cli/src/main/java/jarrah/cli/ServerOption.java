package jarrah.cli;

import jarrah.cli.api.Credentials;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which server an operator's command is for: one of this machine, or one elsewhere. A mix-in. */
public final class ServerOption {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "A server elsewhere, by its operations port, such as http://10.0.0.5:8774, with the operator's"
                            + " key from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (default: the one with the data directory).")
    private @Nullable String url;

    /**
     * Who calls that server.
     *
     * @throws CommandFailed if a server elsewhere is meant, and there is no key or no such URL
     */
    public AdminClient client() {
        if (url == null) {
            return new SocketAdminClient(data.directory());
        }
        CommandSpec root = Objects.requireNonNull(command).root();
        Surroundings around = ((Jarrah) root.userObject()).around();
        var key = new Credentials.Key(
                variable(around, "AWS_ACCESS_KEY_ID"),
                variable(around, "AWS_SECRET_ACCESS_KEY"),
                around.variable("AWS_SESSION_TOKEN"));
        return new SignedAdminClient(url, key, around.clock());
    }

    private static String variable(Surroundings around, String name) {
        return around.variable(name)
                .orElseThrow(() -> new CommandFailed("a server elsewhere wants an operator's key: set " + name
                        + ", or source credentials/jarrahrc of its data directory"));
    }
}
