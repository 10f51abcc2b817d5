package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Objects that have to be restored before they can be read. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchiveTest {
    private static final byte[] ORDER = """
            <RestoreRequest><Days>2</Days><GlacierJobParameters><Tier>Standard</Tier></GlacierJobParameters>\
            </RestoreRequest>""".getBytes(StandardCharsets.UTF_8);

    private final Region region;
    private final SignedClient client;

    ArchiveTest(@TempDir Path directory) throws IOException {
        region = Region.start(directory.resolve("data"));
        client = new SignedClient(region);
    }

    @AfterAll
    void stop() {
        region.close();
    }

    @Test
    void anArchivedObjectIsNeitherReadNorCopiedUntilItIsRestored() throws Exception {
        client.send("PUT", "/cold", new byte[0]);
        client.send("PUT", "/cold/key", new byte[10], "x-amz-storage-class", "GLACIER");
        assertThat(client.send("HEAD", "/cold/key", new byte[0]).status()).isEqualTo(200);
        var refused = client.send("GET", "/cold/key", new byte[0]);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text()).contains("InvalidObjectState", "<StorageClass>GLACIER</StorageClass>");
        assertThat(client.send("PUT", "/cold/copy", new byte[0], "x-amz-copy-source", "/cold/key")
                        .text())
                .contains("InvalidObjectState");
        assertThat(client.send("POST", "/cold/key?restore", ORDER).status()).isEqualTo(202);
        assertThat(client.send("POST", "/cold/key?restore", ORDER).text()).contains("RestoreAlreadyInProgress");
        assertThat(client.send("HEAD", "/cold/key", new byte[0]).first("x-amz-restore"))
                .isEqualTo("ongoing-request=\"true\"");
        assertThat(client.send("GET", "/cold/key", new byte[0]).status()).isEqualTo(403);
    }

    @Test
    void whatIsNotArchivedIsNotRestored() throws Exception {
        client.send("PUT", "/warm", new byte[0]);
        client.send("PUT", "/warm/key", new byte[10], "x-amz-storage-class", "GLACIER_IR");
        var refused = client.send("POST", "/warm/key?restore", ORDER);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text()).contains("InvalidObjectState");
        assertThat(client.send("GET", "/warm/key", new byte[0]).status()).isEqualTo(200);
    }

    @Test
    void aRequestWithoutDaysOrWithAnotherTierIsRefused() throws Exception {
        client.send("PUT", "/deep", new byte[0]);
        client.send("PUT", "/deep/key", new byte[10], "x-amz-storage-class", "DEEP_ARCHIVE");
        assertThat(client.send("POST", "/deep/key?restore", "<RestoreRequest/>".getBytes(StandardCharsets.UTF_8))
                        .text())
                .contains("MalformedXML");
        byte[] fast = "<RestoreRequest><Days>1</Days><Tier>Expedited</Tier></RestoreRequest>"
                .getBytes(StandardCharsets.UTF_8);
        assertThat(client.send("POST", "/deep/key?restore", fast).text()).contains("InvalidArgument");
    }
}
