package jarrah.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.images.bundle.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An image goes through bundle, upload, register, download and unbundle, by today's names and by the historical ones. */
class BundleWorkflowTest {
    @TempDir
    Path directory;

    private final TestRegion region = new TestRegion();
    private Map<String, String> environment = Map.of();
    private Path image = Path.of("");
    private Path bundle = Path.of("");

    @BeforeEach
    void anImage() throws IOException {
        environment = CommandRun.environment(region);
        byte[] bytes = new byte[600_000];
        new SplittableRandom(1).nextBytes(bytes);
        image = Files.write(directory.resolve("disk.img"), bytes);
        bundle = Files.createDirectory(directory.resolve("bundle"));
    }

    @AfterEach
    void end() {
        region.close();
    }

    private CommandRun run(String... arguments) {
        return CommandRun.of(environment, "", arguments);
    }

    /** The words of a line in which each {@code %s} stands for a place. */
    private static String[] words(String line, Object... places) {
        String filled = line;
        for (Object place : places) {
            filled = filled.replaceFirst("%s", place.toString());
        }
        return filled.split(" ");
    }

    private void bundled() {
        CommandRun run = run(words("image bundle -i %s -d %s -r x86_64 --part-size 250000", image, bundle));
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "image bundle, image upload, image register, image download, image unbundle",
        "ec2-bundle-image --batch, ec2-upload-bundle, ec2-register, ec2-download-bundle -k pk.pem, ec2-unbundle",
        "euca-bundle-image, euca-upload-bundle, euca-register, euca-download-bundle, euca-unbundle"
    })
    void theWholeWayThere(String bundling, String upload, String register, String download, String unbundle)
            throws IOException {
        CommandRun made = run(words("%s -i %s -d %s -r x86_64 --part-size 250000 -p image", bundling, image, bundle));
        assertThat(made.err()).isEmpty();
        assertThat(made.out())
                .contains("Bundling image file...", "Splitting ", "Created image.part.0", "Created image.part.2")
                .contains("Generating digests for each part...", "Digests generated.")
                .contains(" complete.");
        CommandRun up = run(words("%s -b my-bucket/some/prefix -m %s/image.manifest.xml", upload, bundle));
        assertThat(up.err()).isEmpty();
        assertThat(up.out()).contains("Creating bucket...", "Uploaded image.part.2 (3/3)");
        assertThat(region.objects)
                .containsOnlyKeys(
                        "my-bucket/some/prefix/image.part.0",
                        "my-bucket/some/prefix/image.part.1",
                        "my-bucket/some/prefix/image.part.2",
                        "my-bucket/some/prefix/image.manifest.xml");
        assertThat(region.acls.values()).containsOnly("aws-exec-read");
        assertThat(region.buckets).containsEntry("my-bucket", "home-1");
        CommandRun id = run(words("%s my-bucket/some/prefix/image.manifest.xml -n my-image -a x86_64", register));
        assertThat(id.err()).isEmpty();
        assertThat(id.out()).isEqualTo("IMAGE\temi-1a2b3c4d" + System.lineSeparator());
        assertThat(region.registered.getFirst().get("ImageLocation"))
                .isEqualTo("my-bucket/some/prefix/image.manifest.xml");
        assertThat(region.registered.getFirst().get("Name")).isEqualTo("my-image");
        Path back = directory.resolve("back");
        CommandRun down = run(words("%s -b my-bucket/some/prefix -d %s", download, back));
        assertThat(down.err()).isEmpty();
        assertThat(down.out()).contains("Downloaded image.part.0 from my-bucket");
        CommandRun opened = run(words("%s -m %s/image.manifest.xml -s %s -d %s", unbundle, back, back, back));
        assertThat(opened.err()).isEmpty();
        assertThat(opened.code()).isZero();
        assertThat(Files.mismatch(image, back.resolve("image"))).isEqualTo(-1);
    }

    @Test
    void anInterruptedUploadGoesOn() {
        bundled();
        region.buckets.put("b", "home-1");
        String[] upload = words("ec2-upload-bundle -b b -m %s/disk.img.manifest.xml", bundle);
        region.failingPuts.set(1);
        CommandRun failed = run(upload);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .contains("jarrah: cannot store b/disk.img.part.0: SlowDown")
                .hasLineCount(1);
        assertThat(run(words("image upload -b b -m %s/disk.img.manifest.xml --part 2", bundle))
                        .code())
                .isZero();
        region.objects.remove("b/disk.img.manifest.xml");
        CommandRun again = run(upload);
        assertThat(again.out())
                .contains("Uploaded disk.img.part.0 (1/3)", "Uploaded disk.img.part.1 (2/3)")
                .contains("Skipped disk.img.part.2 (3/3), it is there already", "Uploaded disk.img.manifest.xml");
        assertThat(again.code()).isZero();
    }

    @Test
    void retryTriesAgain() {
        bundled();
        region.failingPuts.set(2);
        CommandRun run = run(words("ec2-upload-bundle -b b -m %s/disk.img.manifest.xml --retry", bundle));
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("SlowDown", "trying again", "Uploaded disk.img.part.0");
    }

    @Test
    void aPartThatDiffersIsNotUploaded() throws IOException {
        bundled();
        Path part = bundle.resolve("disk.img.part.1");
        byte[] bytes = Files.readAllBytes(part);
        bytes[5] ^= 1;
        Files.write(part, bytes);
        CommandRun run = run(words("image upload -b b -m %s/disk.img.manifest.xml", bundle));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("disk.img.part.1 is not the one in the manifest")
                .hasLineCount(1);
        assertThat(region.objects).doesNotContainKey("b/disk.img.manifest.xml");
    }

    @Test
    void aPartThatWasChangedInTheStoreIsRefused() {
        bundled();
        assertThat(run(words("image upload -b b -m %s/disk.img.manifest.xml", bundle))
                        .code())
                .isZero();
        region.objects.put("b/disk.img.part.1", new byte[250_000]);
        CommandRun run = run(words("image download -b b -m disk.img.manifest.xml -d %s/back", directory));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("part disk.img.part.1 is not the one in the manifest")
                .hasLineCount(1);
        assertThat(directory.resolve("back/disk.img.part.1")).doesNotExist();
        assertThat(directory.resolve("back/disk.img.part.0")).exists();
    }

    @Test
    void uploadingToAnotherRegionIsAskedForWhenAKernelIsNamed() {
        region.regions.put("far-1", region.url());
        assertThat(run(words("image bundle -i %s -d %s -r x86_64 --kernel aki-12345678", image, bundle))
                        .code())
                .isZero();
        String[] upload = words("ec2-upload-bundle -b b -m %s/disk.img.manifest.xml --location far-1", bundle);
        CommandRun no = run(upload);
        assertThat(no.code()).isEqualTo(1);
        assertThat(no.out()).contains("uploading to another", "Are you sure you want to continue? [y/N]");
        assertThat(region.objects).isEmpty();
        CommandRun yes = CommandRun.of(environment, "y\n", upload);
        assertThat(yes.code()).isZero();
        assertThat(region.buckets).containsEntry("b", "far-1");
    }

    @Test
    void theArchitectureIsAskedForByTheHistoricalTool() throws IOException {
        CommandRun run = CommandRun.of(environment, "i386\n", words("ec2-bundle-image -i %s -d %s", image, bundle));
        assertThat(run.out()).contains("Please specify a value for arch [");
        assertThat(manifest().machine().architecture()).isEqualTo("i386");
    }

    private Manifest manifest() throws IOException {
        return Manifest.parse(Files.readAllBytes(bundle.resolve("disk.img.manifest.xml")));
    }

    @Test
    void optionsReachTheManifest() throws IOException {
        CommandRun run = run(words(
                "euca-bundle-image -i %s -d %s -r i386 --kernel eki-1 --ramdisk eri-2 -u 1234-5678-9012"
                        + " -B root=/dev/sda1,ami=sda1 --productcodes A,B",
                image, bundle));
        assertThat(run.err()).isEmpty();
        Manifest manifest = manifest();
        assertThat(manifest.machine().kernelId()).contains("eki-1");
        assertThat(manifest.machine().ramdiskId()).contains("eri-2");
        assertThat(manifest.machine().productCodes()).containsExactly("A", "B");
        assertThat(manifest.machine().blockDeviceMapping())
                .containsExactly(new Manifest.Mapping("ami", "sda1"), new Manifest.Mapping("root", "/dev/sda1"));
        assertThat(manifest.image().user()).isEqualTo("123456789012");
        assertThat(run(words("image bundle -i %s -d %s --kernel true", image, bundle))
                        .code())
                .isZero();
        assertThat(manifest().image().type().word()).isEqualTo("kernel");
    }

    @Test
    void standardInputIsBundled() throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        for (String size : new String[] {"", " --image-size " + bytes.length}) {
            CommandRun run = CommandRun.of(
                    environment, bytes, words("image bundle -i - -p disk.img -d %s -r x86_64" + size, bundle));
            assertThat(run.err()).isEmpty();
            assertThat(run(words(
                                    "image unbundle -m %s/disk.img.manifest.xml -s %s -d %s/out",
                                    bundle, bundle, directory))
                            .code())
                    .isZero();
            assertThat(Files.mismatch(image, directory.resolve("out/disk.img"))).isEqualTo(-1);
        }
    }

    @Test
    void faultsAreOneLineAndNothingStays() throws IOException {
        environment.remove("EC2_PRIVATE_KEY");
        CommandRun noKey = run(words("image bundle -i %s -d %s -r x86_64", image, bundle));
        assertThat(noKey.code()).isEqualTo(1);
        assertThat(noKey.err()).contains("give -k, or set EC2_PRIVATE_KEY").hasLineCount(1);
        environment.put("EC2_PRIVATE_KEY", directory.resolve("nowhere.pem").toString());
        CommandRun missing = run(words("image bundle -i %s -d %s -r x86_64", image, bundle));
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err()).contains("there is no file ").hasLineCount(1);
        environment.putAll(CommandRun.environment(region));
        assertThat(run(words("image bundle -i %s/nothing -d %s -r x86_64", directory, bundle))
                        .code())
                .isEqualTo(1);
        assertThat(run("image", "bundle").code()).isEqualTo(2);
        assertThat(run(words("image bundle -i %s -d %s -r vax", image, bundle)).code())
                .isEqualTo(2);
        assertThat(run(words("image bundle -i %s -d %s -r x86_64 -u 12", image, bundle))
                        .code())
                .isEqualTo(2);
        Path empty = Files.createFile(directory.resolve("empty"));
        assertThat(run(words("image bundle -i %s -d %s -r x86_64", empty, bundle))
                        .err())
                .contains("the image is empty");
        assertThat(bundle).isEmptyDirectory();
    }

    @Test
    void refusalsOfTheServiceAreReported() {
        environment.put("AWS_SECRET_ACCESS_KEY", "wrong");
        CommandRun run = run(words("ec2-register b/image.manifest.xml -n name"));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("RegisterImage failed: SignatureDoesNotMatch")
                .hasLineCount(1);
        environment.put("EC2_URL", "http://127.0.0.1:1");
        assertThat(run(words("ec2-register b/image.manifest.xml -n name")).code())
                .isEqualTo(1);
    }

    @Test
    void snapshotsAndMappingsAreRegistered() {
        CommandRun run = run(words("euca-register -n from-snapshot -s snap-1 -b /dev/sdb=ephemeral0 -b /dev/sdc=none"
                + " -b /dev/sdd=:5:false --virtualization-type hvm"));
        assertThat(run.code()).isZero();
        var request = region.registered.getFirst();
        assertThat(request.get("RootDeviceName")).isEqualTo("/dev/sda1");
        assertThat(request.get("BlockDeviceMapping.1.Ebs.SnapshotId")).isEqualTo("snap-1");
        assertThat(request.get("BlockDeviceMapping.2.VirtualName")).isEqualTo("ephemeral0");
        assertThat(request.get("BlockDeviceMapping.3.NoDevice")).isEqualTo("true");
        assertThat(request.get("BlockDeviceMapping.4.Ebs.VolumeSize")).isEqualTo("5");
        assertThat(request.get("BlockDeviceMapping.4.Ebs.SnapshotId")).isNull();
        assertThat(request.get("VirtualizationType")).isEqualTo("hvm");
    }

    @Test
    void everyCommandExplainsItself() {
        for (String command : new String[] {
            "image",
            "image bundle",
            "image bundle-vol",
            "image upload",
            "image download",
            "image unbundle",
            "image register",
            "image migrate-manifest",
            "ec2-bundle-vol",
            "ec2-unbundle",
            "euca-register"
        }) {
            CommandRun help = run((command + " --help").split(" "));
            assertThat(help.code()).as(command).isZero();
            assertThat(help.out())
                    .as(command)
                    .contains("xit code", "jarrah image")
                    .isNotBlank();
        }
        assertThat(run("--help").out()).contains("image").doesNotContain("ec2-");
    }
}
