package jarrah.server;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import jarrah.accelerator.config.ConfigNode;
import jarrah.accelerator.site.LinkSigner;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jarrah accelerator sign}: it reads the keys of sites, which the other tools need not. */
@Command(
        name = "sign",
        description = "Sign a URL, so that it lets in whoever has it until it expires.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator sign --config jarrah.yaml --expires 1h http://files.example.com/tools/a.zip",
            "  jarrah accelerator sign --config sites.yaml --expires 7d --key-id k2 http://localhost:8080/a%%20b"
        })
final class SignCommand implements Callable<Integer> {
    private final Clock clock;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "URL", description = "As a client will send it, percent-encoded.")
    private String url = "";

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The configuration with the site's keys.")
    private Path config = Path.of("");

    @Option(
            names = "--expires",
            paramLabel = "TIME",
            description = "How long it holds: 30m, 1h, 7d (default ${DEFAULT-VALUE}).")
    private String expires = "1h";

    @Option(names = "--key-id", paramLabel = "ID", description = "Which key (default: the site's first).")
    private @Nullable String keyId;

    @Option(names = "--site", paramLabel = "NAME", description = "Which site (default: that of the URL).")
    private @Nullable String site;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            description = "Which method; GET lets HEAD in too (default ${DEFAULT-VALUE}).")
    private String method = "GET";

    SignCommand(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        try {
            Duration time = ConfigNode.value("--expires", expires).duration();
            String signed = LinkSigner.sign(
                    read(config).sites(),
                    url,
                    site,
                    keyId,
                    method,
                    clock.instant().plus(time));
            line.getOut().println(signed);
            return 0;
        } catch (ConfigException | IllegalArgumentException e) {
            line.getErr().println("jarrah: " + e.getMessage());
            return 1;
        }
    }

    /** A server's configuration has the sites under {@code accelerator:}, one for sites alone at its top. */
    private static AcceleratorConfig read(Path file) {
        ConfigNode root = ConfigNode.read(file);
        ConfigNode section = root.get("accelerator");
        return AcceleratorConfig.parse(section == null ? root : section, "port");
    }
}
