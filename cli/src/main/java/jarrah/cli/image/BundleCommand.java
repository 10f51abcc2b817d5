package jarrah.cli.image;

import jarrah.cli.DataDirectoryOption;
import jarrah.cli.SocketAdminClient;
import jarrah.cli.Surroundings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code jarrah image bundle}: an image becomes encrypted parts and a signed manifest. */
@Command(
        name = "bundle",
        description = "Compress, encrypt and split an image, and sign a manifest of it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  . ~/.jarrah/credentials/jarrahrc",
            "  jarrah image bundle -i disk.img -r x86_64",
            "  jarrah image bundle -i vmlinuz --kernel true -d out",
            "  jarrah image bundle i-0123456789abcdef0      an instance of the local server, from outside",
            "",
            "Historical names: ec2-bundle-image, euca-bundle-image. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class BundleCommand implements Callable<Integer> {
    private static final Duration COPY_PATIENCE = Duration.ofHours(6);

    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private BundleOptions options;

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    @Parameters(
            arity = "0..1",
            paramLabel = "INSTANCE",
            description = "Bundle the disk of this instance of the local server (i-...), in place of -i.")
    private @Nullable String instance;

    @Option(
            names = {"-i", "--image"},
            paramLabel = "FILE",
            description = "The image, a raw disk or file system; - reads standard input.")
    private @Nullable String image;

    @Option(names = "--image-size", paramLabel = "BYTES", description = "Size of an image that is read from a pipe.")
    private @Nullable Long imageSize;

    BundleCommand(Surroundings around) {
        this.around = around;
        options = new BundleOptions(around);
    }

    @Override
    public Integer call() throws IOException {
        if ((image == null) == (instance == null)) {
            throw wrong("give an image with -i FILE, or an instance id, and not both");
        }
        PrintWriter out = command().commandLine().getOut();
        Bundling bundling = options.bundling(out, imageName(), BundleOptions.Inherited.NOTHING);
        if (instance != null) {
            Path copy = Files.createTempFile(options.destination(), ".jarrah-copy-", ".raw");
            try {
                copyInstance(instance, copy, out);
                bundling.bundle(copy, out);
            } finally {
                Files.deleteIfExists(copy);
            }
        } else if ("-".equals(image)) {
            bundleInput(bundling, out);
        } else {
            bundling.bundle(Path.of(Objects.requireNonNull(image)), out);
        }
        return 0;
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    /** The server copies the instance's disk into our file, which it finds there empty and ours. */
    private void copyInstance(String id, Path copy, PrintWriter out) {
        if (!id.matches("i-[0-9a-f]{8,17}")) {
            throw wrong("not an instance id: " + id);
        }
        out.println("Copying the disk of " + id + " into the image file ...");
        out.flush();
        new SocketAdminClient(data.directory())
                .call(
                        "POST",
                        "/instances/" + id + "/copy",
                        new JsonMapper()
                                .createObjectNode()
                                .put("file", copy.toAbsolutePath().toString()),
                        COPY_PATIENCE);
    }

    private void bundleInput(Bundling bundling, PrintWriter out) throws IOException {
        if (imageSize != null) {
            bundling.bundle(around.in(), imageSize, out);
            return;
        }
        // A tar says the size of its member first, so an image of unknown size is kept until it is known.
        Path spool = Files.createTempFile(options.destination(), ".jarrah-input-", ".raw");
        try {
            Files.copy(around.in(), spool, StandardCopyOption.REPLACE_EXISTING);
            bundling.bundle(spool, out);
        } finally {
            Files.deleteIfExists(spool);
        }
    }

    private String imageName() {
        if (instance != null) {
            return instance;
        }
        if ("-".equals(image)) {
            return "image";
        }
        Path file = Path.of(Objects.requireNonNull(image)).getFileName();
        return file == null ? "image" : file.toString();
    }
}
