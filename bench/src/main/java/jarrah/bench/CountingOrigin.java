package jarrah.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An origin that counts: {@code /BYTES/NAME} is an object of that many bytes, fresh for an hour, of which ranges can be had. It
 * is no server under measurement.
 */
final class CountingOrigin implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=([0-9]*)-([0-9]*)");
    private static final byte[] BLOCK = new byte[64 * 1024];

    private final HttpServer server;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private volatile CountDownLatch hold = new CountDownLatch(0);
    private volatile long firstByteNanos;

    CountingOrigin() throws IOException {
        // It sends head and body one by one; Nagle's algorithm would hold each body back for the client's delayed ACK.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Requests so far. */
    long requests() {
        return requests.get();
    }

    /** Bytes of bodies that were written so far. */
    long bytes() {
        return bytes.get();
    }

    /** Holds answers back from now on, until {@link #release}. */
    void hold() {
        hold = new CountDownLatch(1);
    }

    void release() {
        hold.countDown();
    }

    /** When the last answer's first byte was written, as {@link System#nanoTime}. */
    long firstByteNanos() {
        return firstByteNanos;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            String[] path = exchange.getRequestURI().getPath().split("/");
            if (path.length < 3) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            long total = Long.parseLong(path[1]);
            long first = 0;
            long last = total - 1;
            String range = exchange.getRequestHeaders().getFirst("Range");
            Matcher matcher = RANGE.matcher(range == null ? "" : range);
            int status = 200;
            if (matcher.matches()) {
                status = 206;
                boolean suffix = matcher.group(1).isEmpty();
                first = suffix ? total - Long.parseLong(matcher.group(2)) : Long.parseLong(matcher.group(1));
                last = suffix || matcher.group(2).isEmpty()
                        ? total - 1
                        : Math.min(total - 1, Long.parseLong(matcher.group(2)));
                exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + total);
            }
            exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
            exchange.getResponseHeaders().set("Cache-Control", "max-age=3600");
            exchange.getResponseHeaders().set("ETag", "\"" + total + "\"");
            hold.await();
            firstByteNanos = System.nanoTime();
            exchange.sendResponseHeaders(status, last + 1 - first);
            write(exchange.getResponseBody(), last + 1 - first);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(OutputStream body, long count) throws IOException {
        for (long done = 0; done < count; ) {
            int piece = (int) Math.min(BLOCK.length, count - done);
            body.write(BLOCK, 0, piece);
            bytes.addAndGet(piece);
            done += piece;
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
    }
}
