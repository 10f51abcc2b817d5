package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.cli.api.Credentials;
import jarrah.images.bundle.Manifest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jarrah image download}: a bundle comes out of a bucket, every part checked. */
@Command(
        name = "download",
        description = "Download a bundle and check it. What is there already is skipped.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah image download -b my-bucket -d bundle",
            "  jarrah image download -b my-bucket/images -m disk.img.manifest.xml -d bundle --url http://host:8773",
            "",
            "Historical names: ec2-download-bundle, euca-download-bundle. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
final class DownloadCommand implements Callable<Integer> {
    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    @SuppressWarnings("UnusedVariable") // Only there to be accepted.
    private HistoricalFlags flags = new HistoricalFlags();

    @Mixin
    private Place place = new Place();

    @Option(
            names = {"-b", "--bucket"},
            paramLabel = "BUCKET[/PREFIX]",
            required = true,
            description = "Where the bundle lies.")
    private String bucket = "";

    @Option(
            names = {"-m", "--manifest"},
            paramLabel = "NAME",
            description = "Name of the manifest in the bucket (default: that of the prefix).")
    private @Nullable String manifest;

    @Option(
            names = {"-p", "--prefix"},
            paramLabel = "NAME",
            defaultValue = "image",
            description = "Name of the image (default: ${DEFAULT-VALUE}).")
    private String prefix = "image";

    @Option(
            names = {"-d", "--directory"},
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Where the files go (default: the current directory).")
    private Path directory = Path.of(".");

    @Option(names = "-a", paramLabel = "ID", hidden = true, description = "Access key id.")
    private @Nullable String accessKeyId;

    @Option(names = "-s", paramLabel = "SECRET", hidden = true, description = "Secret access key.")
    private @Nullable String secretKey;

    @Option(
            names = {"-k", "--privatekey"},
            paramLabel = "FILE",
            hidden = true,
            description = "Accepted; only manifests from before 2007 were encrypted.")
    @SuppressWarnings("UnusedVariable") // Only there to be accepted.
    private @Nullable Path privateKey;

    @Option(names = "--retry", description = "Try each file up to 5 times.")
    private boolean retry;

    DownloadCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException {
        BucketPath source = BucketPath.of(bucket);
        String name = manifest == null ? prefix + ".manifest.xml" : manifest;
        String fileName = name.substring(name.lastIndexOf('/') + 1);
        if (fileName.isEmpty() || fileName.equals("..") || fileName.equals(".")) {
            throw new CommandFailed("not the name of a manifest: " + name);
        }
        // Parts lie beside their manifest, wherever that is.
        BucketPath beside =
                new BucketPath(source.bucket(), source.prefix() + name.substring(0, name.length() - fileName.length()));
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        Files.createDirectories(directory);
        Credentials.Key key = place.credentials().key(around, accessKeyId, secretKey);
        try (S3Client s3 = place.s3(around, place.region(around), key)) {
            out.println("Downloading manifest " + fileName + " from " + beside + " to " + directory.resolve(fileName)
                    + " ...");
            byte[] document = s3.get(source.bucket(), beside.key(fileName), Manifest.MAX_BYTES);
            Manifest bundle = Manifest.parse(document);
            ManifestFile.write(directory.resolve(fileName), document);
            for (Manifest.Part part : bundle.image().parts()) {
                download(s3, beside, part, out);
            }
        }
        out.println("Bundle download completed.");
        return 0;
    }

    private void download(S3Client s3, BucketPath source, Manifest.Part part, PrintWriter out) throws IOException {
        Path target = directory.resolve(part.fileName());
        if (Files.isRegularFile(target) && FileDigests.of(target).sha1().equals(part.digest())) {
            out.println("Skipped " + part.fileName() + ", it is there already");
            return;
        }
        new Retries(retry, out).run("downloading " + part.fileName(), () -> {
            fetch(s3, source, part, target);
            out.println("Downloaded " + part.fileName() + " from " + source.bucket());
            out.flush();
        });
    }

    private void fetch(S3Client s3, BucketPath source, Manifest.Part part, Path target) throws IOException {
        Path temporary = Files.createTempFile(directory, ".jarrah-part-", ".downloading");
        try {
            try (OutputStream file = Files.newOutputStream(temporary)) {
                s3.get(source.bucket(), source.key(part.fileName()), file);
            }
            String digest = FileDigests.of(temporary).sha1();
            if (!digest.equals(part.digest())) {
                throw new IOException("part " + part.fileName() + " is not the one in the manifest: its SHA-1 is "
                        + digest + ", not " + part.digest());
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
