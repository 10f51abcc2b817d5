package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.testkit.RawClient;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What two parsers could read differently is refused, the connection closed, and nothing after it is answered. */
final class HostileInputTest {
    private final AtomicInteger handled = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.start(
                HttpServerConfig.of("127.0.0.1", 0)
                        .withHeadLimits(1_000, 2_000, 20)
                        .withMaxBodyBytes(1_000),
                exchange -> {
                    handled.incrementAndGet();
                    exchange.body().readAll(10_000);
                    exchange.send(
                            ResponseHead.of(200),
                            Body.of(exchange.request().target() + " "
                                    + exchange.request().host()));
                },
                null);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** In the table {@code ;} ends a line with CR LF, {@code \r}, {@code \n}, {@code \t} and {@code \0} are themselves. */
    private static String wire(String text) {
        return text.replace(";", "\r\n")
                .replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\0", "\0")
                .replace("\\x7f", "\u007f")
                .replace("\\s", " ");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            both lengths                    | 400 | POST / HTTP/1.1;Host: a;Content-Length: 5;Transfer-Encoding: chunked;;0;;
            both lengths, the other way     | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;Content-Length: 5;;0;;
            two lengths that differ         | 400 | POST / HTTP/1.1;Host: a;Content-Length: 5;Content-Length: 6;;abcdef
            two lengths that agree          | 400 | POST / HTTP/1.1;Host: a;Content-Length: 5;Content-Length: 5;;abcde
            a list of lengths               | 400 | POST / HTTP/1.1;Host: a;Content-Length: 5, 5;;abcde
            a length with a plus            | 400 | POST / HTTP/1.1;Host: a;Content-Length: +5;;abcde
            a negative length               | 400 | POST / HTTP/1.1;Host: a;Content-Length: -5;;abcde
            a hexadecimal length            | 400 | POST / HTTP/1.1;Host: a;Content-Length: 0x5;;abcde
            an empty length                 | 400 | POST / HTTP/1.1;Host: a;Content-Length:;;abcde
            a length beyond all numbers     | 400 | POST / HTTP/1.1;Host: a;Content-Length: 99999999999999999999;;
            a length beyond the limit       | 413 | POST / HTTP/1.1;Host: a;Content-Length: 1001;;
            an unknown coding               | 501 | POST / HTTP/1.1;Host: a;Transfer-Encoding: gzip;;0;;
            chunked and another             | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: gzip, chunked;;0;;
            chunked twice                   | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked, chunked;;0;;
            two coding fields               | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;Transfer-Encoding: identity;;0;;
            almost chunked                  | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: xchunked;;0;;
            chunked with a control          | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: \\0chunked;;0;;
            chunked with a parameter        | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked-x;;0;;
            an empty coding                 | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding:;;0;;
            chunked in HTTP/1.0             | 400 | POST / HTTP/1.0;Host: a;Transfer-Encoding: chunked;;0;;
            a folded field                  | 400 | GET / HTTP/1.1;Host: a;X: a;\\sb;;
            a field folded with a tab       | 400 | GET / HTTP/1.1;Host: a;X: a;\\tb;;
            a first field that is folded    | 400 | GET / HTTP/1.1;\\sHost: a;;
            a bare line feed                | 400 | GET / HTTP/1.1\\nHost: a;;
            bare line feeds throughout      | 400 | GET / HTTP/1.1\\nHost: a\\n\\n
            a bare line feed in a field     | 400 | GET / HTTP/1.1;Host: a;X: a\\nY: b;;
            a bare carriage return          | 400 | GET / HTTP/1.1;Host: a;X: a\\rY: b;;
            a bare return in the first line | 400 | GET /\\r HTTP/1.1;Host: a;;
            a return before the line end    | 400 | GET / HTTP/1.1\\r;Host: a;;
            a space before the colon        | 400 | GET / HTTP/1.1;Host : a;;
            a tab before the colon          | 400 | GET / HTTP/1.1;Host: a;Content-Length\\t: 5;;
            a field without a colon         | 400 | GET / HTTP/1.1;Host: a;Nothing;;
            a field without a name          | 400 | GET / HTTP/1.1;Host: a;: b;;
            a name with a bracket           | 400 | GET / HTTP/1.1;Host: a;X[]: b;;
            a NUL in a value                | 400 | GET / HTTP/1.1;Host: a;X: a\\0b;;
            a DEL in a value                | 400 | GET / HTTP/1.1;Host: a;X: a\\x7fb;;
            a NUL in a name                 | 400 | GET / HTTP/1.1;Host: a;X\\0: b;;
            a NUL in the target             | 400 | GET /\\0 HTTP/1.1;Host: a;;
            a tab in the target             | 400 | GET /\\ta HTTP/1.1;Host: a;;
            a space in the target           | 400 | GET /a b HTTP/1.1;Host: a;;
            a fragment                      | 400 | GET /a#b HTTP/1.1;Host: a;;
            two spaces                      | 400 | GET  / HTTP/1.1;Host: a;;
            a space after the version       | 400 | GET / HTTP/1.1\\s;Host: a;;
            no version                      | 400 | GET /;Host: a;;
            no target                       | 400 | GET HTTP/1.1;Host: a;;
            a method alone                  | 400 | GET;Host: a;;
            a method with a bracket         | 400 | G(T / HTTP/1.1;Host: a;;
            a lower-case version            | 400 | GET / http/1.1;Host: a;;
            a longer version                | 400 | GET / HTTP/1.10;Host: a;;
            HTTP/2                          | 505 | PRI * HTTP/2.0;;SM;;
            HTTP/3                          | 505 | GET / HTTP/3.0;Host: a;;
            no Host                         | 400 | GET / HTTP/1.1;;
            two Hosts                       | 400 | GET / HTTP/1.1;Host: a;Host: a;;
            two Hosts in HTTP/1.0           | 400 | GET / HTTP/1.0;Host: a;Host: b;;
            a Host with a path              | 400 | GET / HTTP/1.1;Host: a/b;;
            a Host with a user              | 400 | GET / HTTP/1.1;Host: u@a;;
            a Host with a space             | 400 | GET / HTTP/1.1;Host: a b;;
            a target without a slash        | 400 | GET a HTTP/1.1;Host: a;;
            a star for a GET                | 400 | GET * HTTP/1.1;Host: a;;
            another scheme                  | 400 | GET ftp://a/ HTTP/1.1;Host: a;;
            a URL without a host            | 400 | GET http:///a HTTP/1.1;Host: a;;
            a URL with a user               | 400 | GET http://u@a/ HTTP/1.1;Host: a;;
            a tunnel                        | 501 | CONNECT a:443 HTTP/1.1;Host: a:443;;
            two empty lines first           | 400 | ;;GET / HTTP/1.1;Host: a;;
            a chunk without a size          | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;;abc;0;;
            a chunk size with a prefix      | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;0x3;abc;0;;
            a chunk size with a sign        | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;+3;abc;0;;
            a chunk size with a space first | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;\\s3;abc;0;;
            a chunk size with a space last  | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;3\\s;abc;0;;
            a chunk size beyond numbers     | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;10000000000000003;abc;0;;
            a chunk longer than its size    | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;2;abc;0;;
            a chunk line with a line feed   | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;3\\nabc;0;;
            a chunk that ends in a line feed| 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;3;abc\\n0;;
            a last chunk with a line feed   | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;3;abc;0\\n\\n
            a trailer with a line feed      | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;0;X: a\\n;;
            a folded trailer                | 400 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;0;X: a;\\sb;;
            chunks beyond the limit         | 413 | POST / HTTP/1.1;Host: a;Transfer-Encoding: chunked;;3e9;
            """)
    void isRefused(String name, int status, String request) {
        String sent = wire(request);
        if (status == 413 && sent.contains("chunked")) {
            sent += "x".repeat(1_001) + "\r\n0\r\n\r\n";
        }
        try (var client = RawClient.connect(server.port())) {
            client.send(sent + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
            var answer = client.read();
            assertThat(answer.status()).as(name).isEqualTo(status);
            assertThat(answer.first("Connection")).isEqualTo("close");
            assertThat(answer.first("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(answer.text()).endsWith("\n").hasLineCount(1);
            assertThat(client.closedByServer()).isTrue();
        }
        assertThat(handled.get()).isLessThan(2);
    }

    @Test
    void limitsOnTheHeadHold() {
        String head = "GET / HTTP/1.1\r\nHost: a\r\n";
        assertThat(statusOf("GET /" + "a".repeat(1_000) + " HTTP/1.1\r\n")).isEqualTo(414);
        assertThat(statusOf("GET /" + "a".repeat(5_000))).isEqualTo(414);
        assertThat(statusOf(head + "X: " + "a".repeat(2_000) + "\r\n\r\n")).isEqualTo(431);
        assertThat(statusOf(head + "X: " + "a".repeat(3_000))).isEqualTo(431);
        assertThat(statusOf(head + "X: a\r\n".repeat(20) + "\r\n")).isEqualTo(431);
        assertThat(statusOf(head + "X: a\r\n".repeat(19) + "\r\n")).isEqualTo(200);
        assertThat(statusOf("M".repeat(65) + " / HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo(501);
    }

    @Test
    void chunkExtensionsAndTrailersAreBounded() {
        String head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(statusOf(head + "1;" + "e".repeat(300) + "\r\na\r\n0\r\n\r\n"))
                .isEqualTo(400);
        assertThat(statusOf(head + ("1;" + "e".repeat(200) + "\r\na\r\n").repeat(100) + "0\r\n\r\n"))
                .isEqualTo(400);
        assertThat(statusOf(head + "0\r\n" + "X: a\r\n".repeat(21) + "\r\n")).isEqualTo(400);
        assertThat(statusOf(head + "1 ; e=\"f\"\r\na\r\n0\r\nX: a\r\n\r\n")).isEqualTo(200);
    }

    private int statusOf(String request) {
        try (var client = RawClient.connect(server.port())) {
            return client.send(request).read().status();
        }
    }

    @Test
    void anAbsoluteTargetReplacesTheHost() {
        try (var client = RawClient.connect(server.port())) {
            client.send("GET http://b.example:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.read().text()).isEqualTo("/x?y b.example:81");
            client.send("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.read().text()).isEqualTo("/ b");
            client.send("GET HTTP://b?q HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.read().text()).isEqualTo("/?q b");
        }
    }

    @Test
    void theTargetReachesTheHandlerUntouched() {
        try (var client = RawClient.connect(server.port())) {
            String target = "/a%2Fb//../c+%20\u00fc|{}?x=%41&y=+";
            assertThat(new String(client.get(target, "Host: h").read().body(), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo(target + " h");
        }
    }

    @Test
    void oneEmptyLineBeforeARequestIsPassedOver() {
        try (var client = RawClient.connect(server.port())) {
            client.send("\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(200);
            client.send("\r").send("\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(client.read().status()).isEqualTo(200);
        }
    }
}
