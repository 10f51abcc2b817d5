package jarrah.cli.image;

import jarrah.cli.Surroundings;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.PartSource;
import jarrah.images.bundle.Pem;
import jarrah.images.bundle.Unbundler;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jarrah image unbundle}: the image comes out of its parts. */
@Command(
        name = "unbundle",
        description = "Put a bundle's parts together, decrypt and unpack the image, and check all of it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image unbundle -m bundle/image.manifest.xml -s bundle -d . -k pk.pem",
            "",
            "Historical names: ec2-unbundle, euca-unbundle. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class UnbundleCommand implements Callable<Integer> {
    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // Only there to be accepted.
    private HistoricalFlags flags = new HistoricalFlags();

    @Option(
            names = {"-m", "--manifest"},
            paramLabel = "FILE",
            required = true,
            description = "The bundle's manifest.")
    private Path manifest = Path.of("");

    @Option(
            names = {"-k", "--privatekey"},
            paramLabel = "FILE",
            description = "Your private key, or the cloud's (default: EC2_PRIVATE_KEY).")
    private @Nullable Path privateKey;

    @Option(
            names = {"-s", "--source"},
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Where the parts lie (default: the current directory).")
    private Path source = Path.of(".");

    @Option(
            names = {"-d", "--destination"},
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Where the image goes; a file of its name is replaced (default: the current directory).")
    private Path destination = Path.of(".");

    UnbundleCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException {
        Manifest bundle = Manifest.parse(ManifestFile.read(manifest));
        var key = Pem.privateKey(KeyFiles.find(privateKey, around, "a private key", "-k", "EC2_PRIVATE_KEY"));
        Files.createDirectories(destination);
        Path raw = destination.resolve(bundle.image().name());
        var line = Objects.requireNonNull(spec).commandLine();
        try (var progress = new ProgressLine(line.getErr(), around.terminal(), "Unbundling")) {
            Unbundler.unbundle(bundle, PartSource.directory(source), key, raw, progress);
        }
        PrintWriter out = line.getOut();
        out.println("Unbundled " + raw + " (" + bundle.image().size() + " bytes)");
        return 0;
    }
}
