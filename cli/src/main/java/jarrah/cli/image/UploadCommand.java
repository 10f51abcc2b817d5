package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.cli.api.Credentials;
import jarrah.images.bundle.Manifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** {@code jarrah image upload}: a bundle goes into a bucket, the manifest last. */
@Command(
        name = "upload",
        description = "Upload a bundle. What is there already is skipped, so an interrupted upload goes on.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image upload -b my-bucket -m /tmp/image.manifest.xml",
            "  jarrah image upload -b my-bucket/images -m /tmp/image.manifest.xml --location eu-west-1 --retry",
            "",
            "Historical names: ec2-upload-bundle, euca-upload-bundle. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class UploadCommand implements Callable<Integer> {
    private static final List<String> ACLS = List.of("aws-exec-read", "public-read", "ec2-bundle-read", "private");

    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private HistoricalFlags flags = new HistoricalFlags();

    @Mixin
    private Place place = new Place();

    @Option(
            names = {"-b", "--bucket"},
            paramLabel = "BUCKET[/PREFIX]",
            required = true,
            description = "Where the bundle goes; the bucket is made if it is missing.")
    private String bucket = "";

    @Option(
            names = {"-m", "--manifest"},
            paramLabel = "FILE",
            required = true,
            description = "The bundle's manifest.")
    private Path manifest = Path.of("");

    @Option(
            names = {"-d", "--directory"},
            paramLabel = "DIR",
            description = "Where the parts lie (default: beside the manifest).")
    private @Nullable Path directory;

    @Option(names = "-a", paramLabel = "ID", hidden = true, description = "Access key id.")
    private @Nullable String accessKeyId;

    @Option(names = "-s", paramLabel = "SECRET", hidden = true, description = "Secret access key.")
    private @Nullable String secretKey;

    @Option(
            names = "--acl",
            paramLabel = "ACL",
            defaultValue = "aws-exec-read",
            description = "aws-exec-read, public-read or ec2-bundle-read (default: ${DEFAULT-VALUE}).")
    private String acl = "aws-exec-read";

    @Option(names = "--location", paramLabel = "REGION", description = "Region of a bucket that has to be made.")
    private @Nullable String location;

    @Option(names = "--part", paramLabel = "N", defaultValue = "0", description = "Begin with this part.")
    private int firstPart;

    @Option(names = "--retry", description = "Try each file up to 5 times.")
    private boolean retry;

    @Option(
            names = {"--skipmanifest", "--skip-manifest"},
            description = "Upload the parts only.")
    private boolean skipManifest;

    UploadCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException {
        if (!ACLS.contains(acl)) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "--acl is one of " + String.join(", ", ACLS));
        }
        Manifest bundle = Manifest.parse(ManifestFile.read(manifest));
        Path parts = directory == null ? ManifestFile.directory(manifest) : directory;
        BucketPath target = BucketPath.of(bucket);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Credentials.Key key = place.credentials().key(around, accessKeyId, secretKey);
        String region = region();
        try (S3Client s3 = place.s3(around, region, key)) {
            Optional<String> there = s3.location(target.bucket());
            if (!agreed(bundle, there.orElse(region), out)) {
                return 1;
            }
            if (there.isEmpty()) {
                out.println("Creating bucket...");
                s3.createBucket(target.bucket(), region);
            }
            upload(s3, bundle, parts, target, out);
        }
        out.println("Bundle upload completed: " + target.bucket() + "/"
                + target.key(Objects.requireNonNull(manifest.getFileName()).toString()));
        return 0;
    }

    private String region() {
        return place.regionGiven() || location == null ? place.region(around) : Regions.named(location);
    }

    /** Kernels and ramdisks have ids of their own in each region: a bundle that names some may not register elsewhere. */
    private boolean agreed(Manifest bundle, String region, PrintWriter out) {
        String home = Place.home(around);
        boolean named = bundle.machine().kernelId().isPresent()
                || bundle.machine().ramdiskId().isPresent();
        if (region.equals(home) || !named || flags.batch()) {
            return true;
        }
        out.println("You are bundling in one region (" + home + "), but uploading to another (" + region + ").");
        out.println("If the kernel or ramdisk associated with this image are not in the target region, registration");
        out.println("will fail. You can use the ec2-migrate-manifest tool to update your manifest file with a kernel");
        out.println("and ramdisk that exist in the target region.");
        boolean yes = around.confirm(out, "Are you sure you want to continue?");
        out.println(yes ? "" : "\nNothing was uploaded.");
        return yes;
    }

    private void upload(S3Client s3, Manifest bundle, Path parts, BucketPath target, PrintWriter out)
            throws IOException {
        out.println("Uploading bundled image parts to the bucket " + target.bucket() + " ...");
        int count = bundle.image().parts().size();
        for (Manifest.Part part : bundle.image().parts()) {
            if (part.index() < firstPart) {
                continue;
            }
            Path file = parts.resolve(part.fileName());
            if (!Files.isRegularFile(file)) {
                throw new CommandFailed("there is no part " + file);
            }
            FileDigests digests = FileDigests.of(file);
            if (!digests.sha1().equals(part.digest())) {
                throw new CommandFailed("part " + file + " is not the one in the manifest");
            }
            put(s3, target, file, digests, "application/octet-stream", (part.index() + 1) + "/" + count, out);
        }
        if (!skipManifest) {
            put(s3, target, manifest, FileDigests.of(manifest), "application/xml", "manifest", out);
        }
    }

    private void put(
            S3Client s3,
            BucketPath target,
            Path file,
            FileDigests digests,
            String contentType,
            String which,
            PrintWriter out)
            throws IOException {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        new Retries(retry, out).run("uploading " + name, () -> {
            if (s3.has(target.bucket(), target.key(name), digests)) {
                out.println("Skipped " + name + " (" + which + "), it is there already");
            } else {
                s3.put(target.bucket(), target.key(name), file, digests, acl, contentType);
                out.println("Uploaded " + name + " (" + which + ")");
            }
            out.flush();
        });
    }
}
