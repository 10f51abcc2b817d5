package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** s3cmd as Debian has it, with the configuration that the server wrote. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3cmdTest {
    private final Path directory;
    private final Region region;
    private final Shell shell;

    S3cmdTest(@TempDir Path directory) throws IOException {
        Shell.require("s3cmd", "S3cmdTest");
        this.directory = directory;
        region = Region.start(directory.resolve("data"));
        shell = new Shell(region, directory);
    }

    @BeforeAll
    void files() throws IOException {
        Files.writeString(directory.resolve("page.html"), "<!doctype html><title>Hello</title>\n");
        byte[] large = new byte[20_000_000];
        new Random(1).nextBytes(large);
        Files.write(directory.resolve("large.bin"), large);
    }

    @AfterAll
    void stop() {
        region.close();
    }

    @Test
    void bucketsAreMadeListedAndRemoved() throws Exception {
        shell.run("s3cmd mb s3://made-by-s3cmd");
        assertThat(shell.run("s3cmd ls")).contains("s3://made-by-s3cmd");
        shell.run("s3cmd rb s3://made-by-s3cmd");
        assertThat(shell.run("s3cmd ls")).doesNotContain("s3://made-by-s3cmd");
        assertThat(shell.attempt("s3cmd ls s3://made-by-s3cmd").output()).contains("NoSuchBucket");
    }

    @Test
    void aPublicObjectIsReadableByAnyoneWithItsGuessedType() throws Exception {
        shell.run(
                "s3cmd mb s3://public-one; s3cmd put --acl-public --guess-mime-type page.html s3://public-one/page.html");
        String head = shell.run("curl -sSi " + region.api() + "/public-one/page.html");
        assertThat(head)
                .contains("HTTP/1.1 200")
                .containsIgnoringCase("content-type: text/html")
                .contains("Hello");
        assertThat(shell.run("s3cmd info s3://public-one/page.html"))
                .contains("text/html")
                .contains("*anon*: READ");
        shell.run("s3cmd setacl --acl-private s3://public-one/page.html");
        assertThat(shell.run("curl -sS -o /dev/null -w '%{http_code}' " + region.api() + "/public-one/page.html"))
                .isEqualTo("403");
    }

    @Test
    void aLargeFileGoesUpInPartsAndComesBackTheSame() throws Exception {
        shell.run("s3cmd mb s3://parts; s3cmd put --multipart-chunk-size-mb=5 large.bin s3://parts/large.bin");
        shell.run("s3cmd get --force s3://parts/large.bin back.bin; cmp large.bin back.bin");
        assertThat(shell.run("s3cmd ls s3://parts")).contains("20000000");
        assertThat(shell.run("s3cmd multipart s3://parts")).doesNotContain("large.bin");
    }

    @Test
    void keysOfAllKindsComeBackUnderTheirNames() throws Exception {
        shell.run("s3cmd mb s3://odd-keys");
        for (String key :
                new String[] {"with space", "plus+sign", "umlaut-ü", "per%2Fcent", "a&b=c?d#e", "dir/sub/x"}) {
            shell.run("s3cmd put page.html 's3://odd-keys/" + key + "'");
            shell.run("s3cmd get --force 's3://odd-keys/" + key + "' odd.out; cmp page.html odd.out");
            assertThat(shell.run("s3cmd ls --recursive s3://odd-keys")).contains("s3://odd-keys/" + key + "\n");
        }
    }

    @Test
    void syncCopiesMovesDuAndDelWork() throws Exception {
        shell.run("mkdir -p tree/sub && cp page.html tree/a.html && cp page.html tree/sub/b.html");
        shell.run("s3cmd mb s3://synced; s3cmd sync tree/ s3://synced/tree/");
        shell.run("rm -rf back && mkdir back && s3cmd sync s3://synced/tree/ back/ && diff -r tree back");
        shell.run("s3cmd cp s3://synced/tree/a.html s3://synced/copy.html");
        shell.run("s3cmd mv s3://synced/copy.html s3://synced/moved.html");
        assertThat(shell.run("s3cmd ls --recursive s3://synced"))
                .contains("moved.html")
                .doesNotContain("copy.html");
        assertThat(shell.run("s3cmd du s3://synced")).contains("3 objects");
        assertThat(shell.run("s3cmd la")).contains("s3://synced/moved.html");
        shell.run("s3cmd del --recursive --force s3://synced/; s3cmd rb s3://synced");
    }

    @Test
    void signedUrlsOpenOnePrivateObjectInBothVersions() throws Exception {
        shell.run("s3cmd mb s3://signed-urls; s3cmd put page.html s3://signed-urls/page.html");
        for (String version : new String[] {"", "--signature-v2"}) {
            String url = shell.run("s3cmd " + version + " signurl s3://signed-urls/page.html +600")
                    .strip();
            assertThat(shell.run("curl -sS '" + url + "'")).contains("Hello");
        }
        assertThat(shell.run("curl -sS " + region.api() + "/signed-urls/page.html"))
                .contains("AccessDenied");
    }

    @Test
    void signatureVersionTwoServesTheSameCommands() throws Exception {
        shell.run(
                "s3cmd --signature-v2 mb s3://version-two; s3cmd --signature-v2 put large.bin s3://version-two/large");
        shell.run("s3cmd --signature-v2 get --force s3://version-two/large two.bin; cmp large.bin two.bin");
        assertThat(shell.run("s3cmd --signature-v2 ls s3://version-two")).contains("20000000");
        shell.run("s3cmd --signature-v2 del s3://version-two/large; s3cmd --signature-v2 rb s3://version-two");
    }

    @Test
    void aBucketTellsAboutItselfAndChangesItsAcl() throws Exception {
        shell.run("s3cmd mb s3://told; s3cmd setacl --acl-public s3://told");
        assertThat(shell.run("s3cmd info s3://told"))
                .contains("us-east-1")
                .contains("BucketOwner")
                .contains("*anon*: READ");
        assertThat(shell.run("curl -sS " + region.api() + "/told")).contains("<ListBucketResult");
        shell.run("s3cmd setacl --acl-private s3://told");
        assertThat(shell.run("curl -sS " + region.api() + "/told")).contains("AccessDenied");
    }
}
