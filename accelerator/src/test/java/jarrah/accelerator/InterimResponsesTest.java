package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawClient;
import jarrah.testkit.RawMessage;
import jarrah.testkit.Reply;
import org.junit.jupiter.api.Test;

/** RFC 8297: what an origin hints at before its answer reaches the client that waits for it. */
final class InterimResponsesTest {
    private static final String HINTS = "HTTP/1.1 102 Processing\r\n\r\n"
            + "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nKeep-Alive: x\r\n\r\n";
    private static final Reply ANSWER =
            Reply.raw(HINTS + "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nhi");

    private static void isHinted(RawClient client) {
        assertThat(client.read().status()).isEqualTo(102);
        RawMessage hints = client.read();
        assertThat(hints.status()).isEqualTo(103);
        assertThat(hints.first("Link")).isEqualTo("</a.css>; rel=preload");
        assertThat(hints.all("Keep-Alive")).isEmpty();
        assertThat(client.read().text()).isEqualTo("hi");
    }

    @Test
    void theClientThatWaitsGetsThemAndTheAnswerAloneIsStored() {
        try (var stack = Stack.http("");
                RawClient client = stack.connect()) {
            stack.origin.answer("/x", ANSWER);
            client.get("/x");
            isHinted(client);
            stack.settle();
            RawMessage hit = client.get("/x").read();
            assertThat(hit.text()).isEqualTo("hi");
            assertThat(hit.all("Link")).isEmpty();
            assertThat(stack.origin.requests()).hasSize(1);
        }
    }

    @Test
    void requestsThatArePassedGetThemToo() {
        try (var stack = Stack.http("methods: all");
                RawClient client = stack.connect()) {
            stack.origin.answer("/x", ANSWER);
            client.request("DELETE", "/x");
            isHinted(client);
        }
    }

    @Test
    void aClientOfHttp10WouldNotUnderstandThem() {
        try (var stack = Stack.http("");
                RawClient client = stack.connect()) {
            stack.origin.answer("/x", ANSWER);
            client.send("GET /x HTTP/1.0\r\nHost: localhost\r\n\r\n");
            RawMessage answer = client.read();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("hi");
        }
    }
}
