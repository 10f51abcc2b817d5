package jarrah.cli;

import jarrah.cli.api.Credentials;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which server an operator's command is for: one of this machine, or one elsewhere. A mix-in. */
public final class ServerOption {
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
        return new SignedAdminClient(
                url,
                new Credentials.Key(variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), Optional.empty()),
                Clock.systemUTC());
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new CommandFailed("a server elsewhere wants an operator's key: set " + name
                    + ", or source credentials/jarrahrc of its data directory");
        }
        return value;
    }
}
