package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.images.bundle.BundleKeys;
import jarrah.images.bundle.BundleSpec;
import jarrah.images.bundle.ImageType;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of the commands that make bundles, with the names and defaults of the historical tools. */
final class BundleOptions {
    private static final List<String> ARCHITECTURES =
            List.of("i386", "x86_64", "armhf", "arm64", "ppc", "ppc64", "ppc64le");

    private final Surroundings around;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Mixin
    private HistoricalFlags flags = new HistoricalFlags();

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

    BundleOptions(Surroundings around) {
        this.around = around;
    }

    /**
     * What an instance says of itself, for the image that is made of it; what an option says comes first.
     *
     * @param mappings as options give them, {@code VIRTUAL=DEVICE}
     * @param ancestors ids of the images that it was made from
     */
    record Inherited(
            Optional<String> kernel,
            Optional<String> ramdisk,
            List<String> productCodes,
            List<String> mappings,
            List<String> ancestors) {
        static final Inherited NOTHING =
                new Inherited(Optional.empty(), Optional.empty(), List.of(), List.of(), List.of());
    }

    /** Where parts and manifest go; there is such a directory once {@link #bundling} has returned. */
    Path destination() {
        return destination;
    }

    boolean sizeChecks() {
        return !noSizeChecks;
    }

    /** The beginning of all file names. */
    String name(String otherwise) {
        return prefix == null ? otherwise : prefix;
    }

    /**
     * Reads the keys and puts together what is asked for, asking the person what the historical tool asks.
     *
     * @param name of the image, unless an option gives another
     * @throws CommandFailed if something is missing
     */
    Bundling bundling(PrintWriter out, String name, Inherited inherited) throws IOException {
        var signer = Pem.privateKey(KeyFiles.find(privateKey, around, "a private key", "-k", "EC2_PRIVATE_KEY"));
        BundleSpec bundle = bundle(out, name(name), inherited);
        if (!Files.isDirectory(destination)) {
            throw new CommandFailed("there is no directory " + destination);
        }
        return new Bundling(command(), around, bundle, signer, destination, sizeChecks());
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    private BundleSpec bundle(PrintWriter out, String name, Inherited inherited) throws IOException {
        boolean kernelImage = "true".equals(kernel);
        boolean ramdiskImage = "true".equals(ramdisk);
        ImageType imageType = type != null
                ? imageType(type)
                : kernelImage ? ImageType.KERNEL : ramdiskImage ? ImageType.RAMDISK : ImageType.MACHINE;
        if ((encryptionKey == null) != (encryptionIv == null)) {
            throw wrong("--enc-key and --enc-iv belong together");
        }
        return new BundleSpec(
                name,
                account(),
                imageType,
                new Manifest.Machine(
                        architecture(out),
                        blockDeviceMapping(mappings.isEmpty() ? inherited.mappings() : mappings),
                        Optional.ofNullable(kernel).or(inherited::kernel),
                        Optional.ofNullable(ramdisk).or(inherited::ramdisk),
                        productCodes.isEmpty() ? inherited.productCodes() : productCodes),
                new Manifest.Bundler("jarrah", "0.1", "0"),
                Pem.certificate(KeyFiles.find(
                        cloudCertificate, around, "the cloud's certificate", "--ec2cert", "EUCALYPTUS_CERT")),
                Optional.of(Pem.certificate(KeyFiles.find(certificate, around, "your certificate", "-c", "EC2_CERT"))),
                encryptionKey != null && encryptionIv != null
                        ? BundleKeys.of(encryptionKey, encryptionIv)
                        : BundleKeys.random(new SecureRandom()),
                partBytes,
                !dense,
                inherited.ancestors());
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

    private List<Manifest.Mapping> blockDeviceMapping(List<String> asked) {
        var list = new ArrayList<Manifest.Mapping>();
        for (String text : asked) {
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
