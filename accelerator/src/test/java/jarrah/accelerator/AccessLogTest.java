package jarrah.accelerator;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import jarrah.testkit.Reply;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class AccessLogTest {
    @Test
    void eachAnswerIsOneLineThatNoClientCanForge() {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger("jarrah.accelerator.access");
        lines.start();
        logger.addAppender(lines);
        try (var quiet = Stack.http("");
                var stack = new Stack(
                        "access-log: combined\nsites: [{name: s, origin: {http: ORIGIN}, cache: {ttl: 1h}}]")) {
            quiet.origin.otherwise(request -> Reply.ok("hello"));
            quiet.get("/");
            stack.origin.otherwise(request -> Reply.ok("hello"));
            stack.get("/x", "User-Agent: a\"b\\c", "Referer: http://r/");
            Stack.await(() -> lines.list.size() == 1);
            stack.settle();
            stack.get("/x");
            Stack.await(() -> lines.list.size() == 2);
            stack.get("/%zz");
            Stack.await(() -> lines.list.size() == 3);
            String start = "127.0.0.1 - - [22/Nov/2026:12:00:00 +0000] \"GET ";
            assertThat(lines.list.stream().map(ILoggingEvent::getFormattedMessage))
                    .containsExactly(
                            start + "/x HTTP/1.1\" 200 5 \"http://r/\" \"a\\x22b\\x5cc\"",
                            start + "/x HTTP/1.1\" 200 5 \"-\" \"-\"",
                            start + "/%zz HTTP/1.1\" 400 16 \"-\" \"-\"");
        } finally {
            logger.detachAppender(lines);
        }
    }

    @Test
    void aLineOfJsonTellsWhatTheCacheDid() {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger("jarrah.accelerator.access");
        lines.start();
        logger.addAppender(lines);
        try (var stack = new Stack(
                "access-log: json\nsites: [{name: s, origin: {http: ORIGIN}, cache: {ttl: 1h}, methods: all}]")) {
            stack.origin.otherwise(request -> Reply.ok("hello"));
            stack.get("/x", "User-Agent: a\"b\\c", "Referer: http://r/");
            Stack.await(() -> lines.list.size() == 1);
            stack.settle();
            stack.get("/x");
            Stack.await(() -> lines.list.size() == 2);
            stack.request("POST", "/x");
            Stack.await(() -> lines.list.size() == 3);
            stack.get("/%zz");
            Stack.await(() -> lines.list.size() == 4);
            String start = "{\"time\":\"2026-11-22T12:00:00Z\",";
            String client = "\"client\":\"127.0.0.1\",\"method\":\"";
            String end = ",\"microseconds\":N,\"whole\":true}";
            assertThat(lines.list.stream()
                            .map(event -> event.getFormattedMessage().replaceAll("seconds\":\\d+", "seconds\":N")))
                    .containsExactly(
                            start + "\"site\":\"s\"," + client
                                    + "GET\",\"host\":\"localhost\",\"target\":\"/x\",\"cache\":\"jarrah; fwd=uri-miss;"
                                    + " stored\",\"referer\":\"http://r/\",\"userAgent\":\"a\\u0022b\\u005cc"
                                    + "\",\"status\":200,\"bytes\":5" + end,
                            start + "\"site\":\"s\"," + client
                                    + "GET\",\"host\":\"localhost\",\"target\":\"/x\",\"cache\":\"jarrah; hit; ttl=3600\","
                                    + "\"status\":200,\"bytes\":5" + end,
                            start + "\"site\":\"s\"," + client
                                    + "POST\",\"host\":\"localhost\",\"target\":\"/x\",\"cache\":\"jarrah; fwd=method"
                                    + "\",\"status\":200,\"bytes\":5" + end,
                            start + client
                                    + "GET\",\"host\":\"localhost\",\"target\":\"/%zz\",\"status\":400,\"bytes\":16"
                                    + end);
        } finally {
            logger.detachAppender(lines);
        }
    }
}
