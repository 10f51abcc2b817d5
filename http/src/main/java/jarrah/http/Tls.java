package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of a TLS listener. Its files are looked at again as connections come, once a second at most: a renewed
 * certificate holds for connections from then on, and one that cannot be read leaves the former in force.
 */
public final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
    /** A client that connects and says nothing. */
    private static final long HANDSHAKE_SECONDS = 10;

    private final Path certificate;
    private final Path key;
    private final AtomicReference<Loaded> loaded;

    private record Loaded(SslContext context, List<FileTime> times, long looked) {}

    private Tls(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        loaded = new AtomicReference<>(load());
    }

    /**
     * Reads a certificate.
     *
     * @param certificate chain in PEM, the server's own first
     * @param key its private key in PEM, PKCS#8, without a password
     * @throws IOException if one of them cannot be read or they do not belong together
     */
    public static Tls open(Path certificate, Path key) throws IOException {
        return new Tls(certificate, key);
    }

    private List<FileTime> times() throws IOException {
        return List.of(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
    }

    private Loaded load() throws IOException {
        List<FileTime> times = times();
        try {
            SslContext context = SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
            return new Loaded(context, times, System.nanoTime());
        } catch (IllegalArgumentException e) {
            throw new IOException("cannot use " + certificate + " with " + key + ": " + e.getMessage(), e);
        }
    }

    /** What a new connection needs. */
    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = current().newHandler(allocator);
        handler.setHandshakeTimeoutMillis(Duration.ofSeconds(HANDSHAKE_SECONDS).toMillis());
        return handler;
    }

    private SslContext current() {
        Loaded there = loaded.get();
        long now = System.nanoTime();
        if (now - there.looked < LOOK_NANOS) {
            return there.context;
        }
        Loaded next = new Loaded(there.context, there.times, now);
        try {
            next = times().equals(there.times) ? next : load();
        } catch (IOException e) {
            LOG.warn("the former certificate stays: {}", e.getMessage());
        }
        loaded.compareAndSet(there, next);
        return next.context;
    }

    /** Turns parts of files into bytes, since the kernel cannot send what has to be encrypted first. */
    static final class FileReader extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            if (!(message instanceof DefaultFileRegion region)) {
                super.write(context, message, promise);
                return;
            }
            ByteBuf bytes = context.alloc().buffer((int) region.count());
            try (WritableByteChannel into = Channels.newChannel(new io.netty.buffer.ByteBufOutputStream(bytes))) {
                while (region.transferred() < region.count()) {
                    if (region.transferTo(into, region.transferred()) <= 0) {
                        throw new IOException("the file ended early");
                    }
                }
            } catch (IOException e) {
                bytes.release();
                promise.setFailure(e);
                context.close();
                return;
            } finally {
                region.release();
            }
            super.write(context, bytes, promise);
        }
    }
}
