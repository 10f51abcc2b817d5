package jarrah.cli.image;

import jarrah.cli.AdminClient;
import jarrah.cli.CommandFailed;
import jarrah.cli.DataDirectoryOption;
import jarrah.cli.Surroundings;
import jarrah.images.bundle.BundleKeys;
import jarrah.images.bundle.BundleSpec;
import jarrah.images.bundle.Bundler;
import jarrah.images.bundle.DirectoryParts;
import jarrah.images.bundle.ImageType;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.ManifestWriter;
import jarrah.images.bundle.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
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
    /** What both families of tools hold an instance-store image to. */
    private static final long MAX_IMAGE_BYTES = 10L * 1024 * 1024 * 1024;

    private static final Duration COPY_PATIENCE = Duration.ofHours(6);
    private static final List<String> ARCHITECTURES =
            List.of("i386", "x86_64", "armhf", "arm64", "ppc", "ppc64", "ppc64le");

    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private HistoricalFlags flags = new HistoricalFlags();

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

    @Option(
            names = {"-d", "--destination"},
            paramLabel = "DIR",
            defaultValue = "/tmp",
            description = "Where parts and manifest go (default: ${DEFAULT-VALUE}).")
    private Path destination = Path.of("/tmp");

    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "NAME",
            description = "Name of the image and beginning of all file names (default: the file's name).")
    private @Nullable String prefix;

    @Option(
            names = {"-r", "--arch"},
            paramLabel = "ARCH",
            description = "i386, x86_64 and others (default: this machine's).")
    private @Nullable String architecture;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "ACCOUNT",
            description = "Your account id, twelve digits (default: EC2_USER_ID).")
    private @Nullable String user;

    @Option(
            names = {"-c", "--cert"},
            paramLabel = "FILE",
            description = "Your certificate (default: EC2_CERT).")
    private @Nullable Path certificate;

    @Option(
            names = {"-k", "--privatekey"},
            paramLabel = "FILE",
            description = "Your private key, which signs (default: EC2_PRIVATE_KEY).")
    private @Nullable Path privateKey;

    @Option(
            names = {"--ec2cert"},
            paramLabel = "FILE",
            description = "Certificate of the cloud that is to open the bundle (default: EUCALYPTUS_CERT).")
    private @Nullable Path cloudCertificate;

    @Option(names = "--kernel", paramLabel = "ID", description = "Kernel to boot; true: this image is a kernel.")
    private @Nullable String kernel;

    @Option(names = "--ramdisk", paramLabel = "ID", description = "Ramdisk; true: this image is a ramdisk.")
    private @Nullable String ramdisk;

    @Option(
            names = {"-B", "--block-device-mapping"},
            paramLabel = "VIRTUAL=DEVICE",
            split = ",",
            description = "E.g. ami=sda1,root=/dev/sda1,ephemeral0=sdb,swap=sda3.")
    private List<String> mappings = new ArrayList<>();

    @Option(names = "--productcodes", paramLabel = "CODE", split = ",", description = "Product codes.")
    private List<String> productCodes = new ArrayList<>();

    @Option(names = "--image-type", paramLabel = "TYPE", hidden = true, description = "machine, kernel or ramdisk.")
    private @Nullable String type;

    @Option(names = "--image-size", paramLabel = "BYTES", description = "Size of an image that is read from a pipe.")
    private @Nullable Long imageSize;

    @Option(names = "--no-size-checks", description = "Bundle more than 10 GiB.")
    private boolean noSizeChecks;

    @Option(names = "--dense", description = "Store zeros too, for readers that know no sparse files.")
    private boolean dense;

    @Option(names = "--part-size", paramLabel = "BYTES", hidden = true, description = "Bytes of a part (10 MiB).")
    private long partBytes = BundleSpec.PART_BYTES;

    @Option(names = "--enc-key", paramLabel = "HEX", hidden = true, description = "The key, 32 hex digits.")
    private @Nullable String encryptionKey;

    @Option(names = "--enc-iv", paramLabel = "HEX", hidden = true, description = "The IV, 32 hex digits.")
    private @Nullable String encryptionIv;

    BundleCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException {
        if ((image == null) == (instance == null)) {
            throw wrong("give an image with -i FILE, or an instance id, and not both");
        }
        PrintWriter out = command().commandLine().getOut();
        PrivateKey signer = Pem.privateKey(KeyFiles.find(privateKey, around, "a private key", "-k", "EC2_PRIVATE_KEY"));
        BundleSpec bundle = bundle(out);
        if (!Files.isDirectory(destination)) {
            throw new CommandFailed("there is no directory " + destination);
        }
        if (instance != null) {
            Path copy = Files.createTempFile(destination, ".jarrah-copy-", ".raw");
            try {
                copyInstance(instance, copy, out);
                bundle(copy, bundle, signer, out);
            } finally {
                Files.deleteIfExists(copy);
            }
        } else if ("-".equals(image)) {
            bundleInput(bundle, signer, out);
        } else {
            bundle(Path.of(Objects.requireNonNull(image)), bundle, signer, out);
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
        new AdminClient(data.directory())
                .call(
                        "POST",
                        "/instances/" + id + "/copy",
                        new JsonMapper()
                                .createObjectNode()
                                .put("file", copy.toAbsolutePath().toString()),
                        COPY_PATIENCE);
    }

    private void bundle(Path file, BundleSpec bundle, PrivateKey signer, PrintWriter out) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailed("there is no image file " + file);
        }
        checkSize(Files.size(file));
        out.println("Bundling image file...");
        try (var line = progress()) {
            finish(Bundler.bundle(file, bundle, new DirectoryParts(destination), line), signer, out);
        }
    }

    private void bundleInput(BundleSpec bundle, PrivateKey signer, PrintWriter out) throws IOException {
        if (imageSize != null) {
            checkSize(imageSize);
            out.println("Bundling image file...");
            try (var line = progress()) {
                var in = Channels.newChannel(around.in());
                finish(Bundler.bundle(in, imageSize, bundle, new DirectoryParts(destination), line), signer, out);
            }
            return;
        }
        // A tar says the size of its member first, so an image of unknown size is kept until it is known.
        Path spool = Files.createTempFile(destination, ".jarrah-input-", ".raw");
        try {
            Files.copy(around.in(), spool, StandardCopyOption.REPLACE_EXISTING);
            bundle(spool, bundle, signer, out);
        } finally {
            Files.deleteIfExists(spool);
        }
    }

    private ProgressLine progress() {
        return new ProgressLine(command().commandLine().getErr(), around.terminal(), "Bundling");
    }

    private void checkSize(long bytes) {
        if (noSizeChecks) {
            return;
        }
        if (bytes == 0) {
            throw new CommandFailed("the image is empty");
        }
        if (bytes > MAX_IMAGE_BYTES) {
            throw new CommandFailed("the image has " + bytes + " bytes; instance-store images are held to "
                    + MAX_IMAGE_BYTES + " (--no-size-checks overrides)");
        }
    }

    private void finish(Manifest manifest, PrivateKey signer, PrintWriter out) throws IOException {
        String name = manifest.image().name();
        out.println("Splitting " + destination.resolve(name + ".tar.gz.enc") + "...");
        manifest.image().parts().forEach(part -> out.println("Created " + part.fileName()));
        out.println("Generating digests for each part...");
        out.println("Digests generated.");
        out.println("Creating bundle manifest...");
        Path file = destination.resolve(name + ".manifest.xml");
        ManifestFile.write(file, ManifestWriter.signed(manifest, signer));
        out.println("Bundle manifest is " + file);
        out.println(name(command()) + " complete.");
    }

    /** The command as it was called. */
    static String name(CommandSpec spec) {
        return spec.name().contains("-") ? spec.name() : spec.qualifiedName();
    }

    private BundleSpec bundle(PrintWriter out) throws IOException {
        boolean kernelImage = "true".equals(kernel);
        boolean ramdiskImage = "true".equals(ramdisk);
        ImageType imageType = type != null
                ? imageType(type)
                : kernelImage ? ImageType.KERNEL : ramdiskImage ? ImageType.RAMDISK : ImageType.MACHINE;
        if ((encryptionKey == null) != (encryptionIv == null)) {
            throw wrong("--enc-key and --enc-iv belong together");
        }
        return new BundleSpec(
                imageName(),
                account(),
                imageType,
                new Manifest.Machine(
                        architecture(out),
                        blockDeviceMapping(),
                        Optional.ofNullable(kernel),
                        Optional.ofNullable(ramdisk),
                        productCodes),
                new Manifest.Bundler("jarrah", "0.1", "0"),
                Pem.certificate(KeyFiles.find(
                        cloudCertificate, around, "the cloud's certificate", "--ec2cert", "EUCALYPTUS_CERT")),
                Optional.of(Pem.certificate(KeyFiles.find(certificate, around, "your certificate", "-c", "EC2_CERT"))),
                encryptionKey != null && encryptionIv != null
                        ? BundleKeys.of(encryptionKey, encryptionIv)
                        : BundleKeys.random(new SecureRandom()),
                partBytes,
                !dense,
                List.of());
    }

    private String imageName() {
        if (prefix != null) {
            return prefix;
        }
        if (instance != null) {
            return instance;
        }
        if ("-".equals(image)) {
            return "image";
        }
        Path file = Path.of(Objects.requireNonNull(image)).getFileName();
        return file == null ? "image" : file.toString();
    }

    private ImageType imageType(String word) {
        for (ImageType known : ImageType.values()) {
            if (known.word().equals(word)) {
                return known;
            }
        }
        throw wrong("--image-type is machine, kernel or ramdisk");
    }

    private String account() {
        String given = user != null
                ? user
                : around.variable("EC2_USER_ID")
                        .orElseThrow(() -> new CommandFailed("your account id is needed: give -u, or set EC2_USER_ID"));
        String digits = given.replace("-", "");
        if (!digits.matches("[0-9]{12}")) {
            throw wrong("an account id has twelve digits: " + given);
        }
        return digits;
    }

    private String architecture(PrintWriter out) {
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String own = machine.equals("amd64") ? "x86_64" : machine.equals("aarch64") ? "arm64" : machine;
        String chosen = architecture;
        if (chosen == null && command().name().startsWith("ec2-") && !flags.batch()) {
            chosen = around.ask(out, "Please specify a value for arch [" + own + "]: ");
            out.println();
        }
        if (chosen == null || chosen.isEmpty()) {
            chosen = own;
        }
        if (!ARCHITECTURES.contains(chosen)) {
            throw wrong("unknown architecture " + chosen + "; known are " + String.join(", ", ARCHITECTURES));
        }
        return chosen;
    }

    private List<Manifest.Mapping> blockDeviceMapping() {
        var list = new ArrayList<Manifest.Mapping>();
        for (String text : mappings) {
            int equals = text.indexOf('=');
            if (equals < 1 || equals == text.length() - 1) {
                throw wrong("a block device mapping is VIRTUAL=DEVICE: " + text);
            }
            list.add(new Manifest.Mapping(text.substring(0, equals), text.substring(equals + 1)));
        }
        list.sort(Comparator.comparing(Manifest.Mapping::virtual));
        return list;
    }
}
