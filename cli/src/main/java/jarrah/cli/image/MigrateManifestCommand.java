package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.cli.api.Credentials;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.ManifestMigration;
import jarrah.images.bundle.ManifestSignature;
import jarrah.images.bundle.ManifestWriter;
import jarrah.images.bundle.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jarrah image migrate-manifest}: a bundle is readdressed to another region or cloud; its parts stay as they are. */
@Command(
        name = "migrate-manifest",
        description =
                "Give a manifest the kernel, the ramdisk and, with --ec2cert, the key of another region or cloud.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image migrate-manifest -m image.manifest.xml --region eu-west-1",
            "  jarrah image migrate-manifest -m image.manifest.xml --no-mapping --kernel eki-1a2b3c4d \\",
            "      --ec2cert their-cloud-cert.pem",
            "",
            "Historical name: ec2-migrate-manifest. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class MigrateManifestCommand implements Callable<Integer> {
    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private HistoricalFlags flags = new HistoricalFlags();

    @Mixin
    private Place place = new Place();

    @Option(
            names = {"-m", "--manifest"},
            paramLabel = "FILE",
            required = true,
            description = "The manifest; the old one is kept as FILE.bak.")
    private Path file = Path.of("");

    @Option(
            names = {"-c", "--cert"},
            paramLabel = "FILE",
            description = "Your certificate (default: EC2_CERT).")
    private @Nullable Path certificate;

    @Option(
            names = {"-k", "--privatekey"},
            paramLabel = "FILE",
            description = "Your private key (default: EC2_PRIVATE_KEY).")
    private @Nullable Path privateKey;

    @Option(
            names = {"-a", "--aws-access-key-id"},
            paramLabel = "ID",
            hidden = true,
            description = "Access key id.")
    private @Nullable String accessKeyId;

    @Option(
            names = {"-s", "--aws-secret-access-key"},
            paramLabel = "SECRET",
            hidden = true,
            description = "Secret access key.")
    private @Nullable String secretKey;

    @Option(
            names = "--ec2cert",
            paramLabel = "FILE",
            description = "Certificate of the target cloud: the bundle's keys are encrypted for it anew.")
    private @Nullable Path cloudCertificate;

    @Option(names = "--kernel", paramLabel = "ID", description = "Kernel in the target; not looked up then.")
    private @Nullable String kernel;

    @Option(names = "--ramdisk", paramLabel = "ID", description = "Ramdisk in the target; not looked up then.")
    private @Nullable String ramdisk;

    @Option(names = "--no-mapping", description = "Look nothing up; take --kernel and --ramdisk, or none.")
    private boolean noMapping;

    MigrateManifestCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException {
        if (!noMapping && !place.regionGiven()) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "give the target with --region, or --no-mapping");
        }
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        X509Certificate user =
                Pem.certificate(KeyFiles.find(certificate, around, "your certificate", "-c", "EC2_CERT"));
        PrivateKey key = Pem.privateKey(KeyFiles.find(privateKey, around, "a private key", "-k", "EC2_PRIVATE_KEY"));
        Optional<X509Certificate> cloud =
                cloudCertificate == null ? Optional.empty() : Optional.of(Pem.certificate(cloudCertificate));
        byte[] document = ManifestFile.read(file);
        Manifest manifest = Manifest.parse(document);
        if (ManifestSignature.signer(document, List.of(user)).isEmpty()) {
            throw new CommandFailed(
                    "the manifest " + file + " fails authentication: it is not signed by your certificate");
        }
        Optional<KernelMapping.Ids> ids = ids(manifest, out);
        if (ids.isEmpty()) {
            out.println("Nothing was changed.");
            return 1;
        }
        Manifest migrated = ManifestMigration.migrate(
                manifest, key, cloud, ids.get().kernel(), ids.get().ramdisk());
        byte[] written = ManifestWriter.signed(migrated, key);
        Path backup = file.resolveSibling(file.getFileName() + ".bak");
        out.println("Backing up manifest...");
        if (Files.exists(backup)) {
            throw new CommandFailed("the backup " + backup + " exists already; move it away");
        }
        Files.copy(file, backup);
        ManifestFile.write(file, written);
        out.println("Successfully migrated " + file);
        if (place.regionGiven()) {
            out.println("It is now suitable for use in " + place.region(around) + ".");
            if (cloudCertificate == null) {
                out.println("If another cloud's key opens bundles there, give its certificate with --ec2cert.");
            }
        }
        return 0;
    }

    /** The ids in the target; empty if the person said no. */
    private Optional<KernelMapping.Ids> ids(Manifest manifest, PrintWriter out) throws IOException {
        var given = new KernelMapping.Ids(Optional.ofNullable(kernel), Optional.ofNullable(ramdisk));
        KernelMapping.Ids found = given;
        if (!noMapping) {
            Credentials.Key key = place.credentials().key(around, accessKeyId, secretKey);
            found = new KernelMapping(around, place, key, out).map(manifest, given);
        }
        for (boolean forKernel : new boolean[] {true, false}) {
            Optional<String> before = forKernel
                    ? manifest.machine().kernelId()
                    : manifest.machine().ramdiskId();
            Optional<String> after = forKernel ? found.kernel() : found.ramdisk();
            String what = forKernel ? "kernel" : "ramdisk";
            // "true" marks the image itself as one; that holds anywhere.
            if (before.equals(Optional.of("true")) && after.isEmpty()) {
                found = forKernel
                        ? new KernelMapping.Ids(before, found.ramdisk())
                        : new KernelMapping.Ids(found.kernel(), before);
            } else if (before.isPresent()
                    && after.isEmpty()
                    && !flags.batch()
                    && !around.confirm(
                            out,
                            "The manifest names the " + what + " " + before.get()
                                    + ", and nothing replaces it. Drop it?")) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }
}
