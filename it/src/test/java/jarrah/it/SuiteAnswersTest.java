package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawMessage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What public conformance suites ask of S3, where AWS's documentation leaves it open (decisions 070 and 082). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SuiteAnswersTest {
    private final Region region;
    private final SignedClient client;

    SuiteAnswersTest(@TempDir Path directory) throws IOException {
        region = Region.start(directory.resolve("data"));
        client = new SignedClient(region);
    }

    @AfterAll
    void stop() {
        region.close();
    }

    @Test
    void anEmptyContinuationTokenIsNoneAndToldBack() throws Exception {
        client.send("PUT", "/tokens", new byte[0]);
        client.send("PUT", "/tokens/key", new byte[0]);
        RawMessage page = client.send("GET", "/tokens?list-type=2&continuation-token=", new byte[0]);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.text()).contains("<Key>key</Key>").containsPattern("<ContinuationToken(/>|></Cont)");
    }

    @Test
    void aPrefixThatDecodingLeavesAloneIsToldBackAsItIs() throws Exception {
        client.send("PUT", "/prefixes", new byte[0]);
        assertThat(client.send("GET", "/prefixes?encoding-type=url&prefix=a%0Ab", new byte[0])
                        .text())
                .contains("<Prefix>a\nb</Prefix>");
        assertThat(client.send("GET", "/prefixes?encoding-type=url&prefix=a%25b%2Bc", new byte[0])
                        .text())
                .contains("<Prefix>a%25b%2Bc</Prefix>");
    }

    @Test
    void onesOwnBucketIsCreatedAgainOnlyAsItIs() throws Exception {
        assertThat(client.send("PUT", "/created", new byte[0]).status()).isEqualTo(200);
        assertThat(client.send("PUT", "/created", new byte[0]).status()).isEqualTo(200);
        RawMessage other = client.send("PUT", "/created", new byte[0], "x-amz-acl", "public-read");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.text()).contains("<Code>BucketAlreadyExists</Code>");
    }

    @Test
    void whatIsNotThereIsToldToBeNoDeleteMarker() throws Exception {
        client.send("PUT", "/markers", new byte[0]);
        RawMessage missing = client.send("HEAD", "/markers/none", new byte[0]);
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.first("x-amz-delete-marker")).isEqualTo("false");
    }

    @Test
    void aNameThatNoHostCanHaveIsRefused() throws Exception {
        for (String name : new String[] {"foo.-bar", "foo-.bar", "foo..bar"}) {
            assertThat(client.send("PUT", "/" + name, new byte[0]).text()).contains("InvalidBucketName");
        }
    }

    @Test
    void anUnorderedListingHasNoDelimiter() throws Exception {
        client.send("PUT", "/unordered", new byte[0]);
        assertThat(client.send("GET", "/unordered?allow-unordered=true", new byte[0])
                        .status())
                .isEqualTo(200);
        assertThat(client.send("GET", "/unordered?allow-unordered=true&delimiter=%2F", new byte[0])
                        .text())
                .contains("InvalidArgument");
    }
}
