package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Images and requests that a region must refuse, end to end, in AWS's own words and without a trace. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Ec2BadInputTest {
    private static final String JARRAH = "sh ./jarrah ";
    private static final String ABSENT = "0123456789abcdef0";

    private final Path directory;
    private final Region region;
    private final Shell shell;

    Ec2BadInputTest(@TempDir Path directory) throws Exception {
        Shell.require("aws", "Ec2BadInputTest");
        Shell.require("qemu-img", "Ec2BadInputTest");
        this.directory = directory;
        region = Region.start(directory.resolve("data"));
        shell = new Shell(region, directory);
    }

    @BeforeAll
    void bundle() throws Exception {
        // The command's class path would fill the report of each failure.
        Files.writeString(
                directory.resolve("jarrah"),
                Region.jarrah().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")) + " \"$@\"\n");
        byte[] disk = new byte[3_000_000];
        new Random(5).nextBytes(disk);
        Files.write(directory.resolve("disk.img"), disk);
        Files.createDirectory(directory.resolve("out"));
        jarrah("image bundle -i disk.img -r x86_64 --part-size 1000000 -d out");
    }

    @AfterAll
    void stop() {
        region.close();
    }

    private String jarrah(String arguments) throws IOException, InterruptedException {
        return shell.run(JARRAH + arguments);
    }

    private String error(String script) throws IOException, InterruptedException {
        Shell.Outcome outcome = shell.attempt(script);
        assertThat(outcome.exit()).as(outcome.output()).isNotZero();
        return outcome.output();
    }

    private void nothingIsLeft() throws IOException, InterruptedException {
        assertThat(shell.run("aws ec2 describe-images --owners self --query 'Images[].ImageId' --output text"))
                .isBlank();
        for (String name : new String[] {"images", "volumes"}) {
            try (Stream<Path> files = Files.list(region.data().resolve(name))) {
                assertThat(files).isEmpty();
            }
        }
    }

    private String register(String bucket) {
        return "aws ec2 register-image --name bad --image-location " + bucket + "/disk.img.manifest.xml";
    }

    @Test
    void aPartThatWasChangedInItsBucketIsRefused() throws Exception {
        jarrah("image upload -b flipped -m out/disk.img.manifest.xml");
        shell.run("aws s3 cp s3://flipped/disk.img.part.1 part && printf x | dd of=part bs=1 seek=1000 conv=notrunc"
                + " 2>/dev/null && aws s3 cp part s3://flipped/disk.img.part.1");
        assertThat(error(register("flipped"))).contains("InvalidManifest").contains("disk.img.part.1");
        nothingIsLeft();
    }

    @Test
    void aPartThatIsMissingAManifestThatIsChangedAndOneThatIsNotThereAreRefused() throws Exception {
        jarrah("image upload -b missing -m out/disk.img.manifest.xml");
        shell.run("aws s3 rm s3://missing/disk.img.part.2");
        assertThat(error(register("missing"))).contains("InvalidManifest");
        shell.run("sed 's/<size>3000000</<size>3000001</' out/disk.img.manifest.xml > changed.xml"
                + " && ! cmp -s changed.xml out/disk.img.manifest.xml"
                + " && aws s3 cp changed.xml s3://missing/disk.img.manifest.xml");
        assertThat(error(register("missing"))).contains("InvalidManifest").contains("signature");
        shell.run("sed 's/<signature>/<image><\\/image><signature>/' out/disk.img.manifest.xml > two.xml"
                + " && aws s3 cp two.xml s3://missing/disk.img.manifest.xml");
        assertThat(error(register("missing"))).contains("InvalidManifest");
        assertThat(error(register("missing/nowhere"))).contains("InvalidManifest");
        assertThat(error(register("no-such-bucket"))).contains("InvalidManifest");
        nothingIsLeft();
    }

    @Test
    void aDiskThatNamesAnotherFileOfTheHostIsNotImported() throws Exception {
        Files.writeString(directory.resolve("secret"), "the host's secret");
        shell.run("truncate -s 1M secret; qemu-img create -q -f qcow2 -b \"$PWD/secret\" -F raw foreign.qcow2");
        assertThat(error(JARRAH + "image import foreign.qcow2")).contains("refers to another file");
        shell.run("qemu-img create -q -f qcow2 -o data_file=\"$PWD/secret.data\",data_file_raw=on beside.qcow2 1M");
        assertThat(error(JARRAH + "image import --ebs beside.qcow2")).contains("refers to another file");
        assertThat(error(JARRAH + "image import not-there.img")).contains("not-there.img");
        nothingIsLeft();
    }

    @Test
    void idsThatAreMalformedOrOfNothingAreToldApart() throws Exception {
        assertThat(error("aws ec2 describe-instances --instance-ids i-xyz")).contains("InvalidInstanceID.Malformed");
        assertThat(error("aws ec2 terminate-instances --instance-ids i-" + ABSENT))
                .contains("InvalidInstanceID.NotFound");
        assertThat(error("aws ec2 run-instances --image-id ami-1")).contains("InvalidAMIID.Malformed");
        assertThat(error("aws ec2 run-instances --image-id ami-" + ABSENT)).contains("InvalidAMIID.NotFound");
        assertThat(error("aws ec2 describe-volumes --volume-ids vol-1")).contains("InvalidVolumeID.Malformed");
        assertThat(error("aws ec2 delete-security-group --group-id sg-1")).contains("InvalidGroupId.Malformed");
        assertThat(error("aws ec2 describe-instances --filters Name=colour,Values=red"))
                .contains("InvalidParameterValue");
    }
}
