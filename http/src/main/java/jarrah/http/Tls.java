package jarrah.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of a TLS listener; the name that the client asks for (SNI, RFC 6066, 3) chooses by the names in the
 * certificates, and the first one is for everybody else. Their files are looked at again as connections come, once a
 * second at most: a renewed certificate holds for connections from then on, and one that cannot be read leaves the former
 * in force.
 */
public final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    /** A client that connects and says nothing. */
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /** More than any client says in its first message. */
    private static final int MAX_CLIENT_HELLO_BYTES = 64 * 1024;

    private static final ApplicationProtocolConfig HTTP2_OR_1 = new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2,
            ApplicationProtocolNames.HTTP_1_1);

    private final boolean http2;
    private volatile List<Certificate> certificates;

    private Tls(List<Certificate> certificates, boolean http2) {
        this.certificates = certificates;
        this.http2 = http2;
    }

    /**
     * Where a certificate lies.
     *
     * @param certificate chain in PEM, the server's own first
     * @param key its private key in PEM, PKCS#8, without a password
     */
    public record PemFiles(Path certificate, Path key) {}

    /**
     * Reads certificates.
     *
     * @param files at least one
     * @throws IOException if one of them cannot be read or a key does not belong to its certificate
     */
    public static Tls open(List<PemFiles> files) throws IOException {
        return new Tls(read(files, false), false);
    }

    /**
     * As {@link #open}, for a listener that speaks HTTP/2 with clients that ask for it (ALPN, RFC 7301).
     *
     * @param files at least one
     * @throws IOException as {@link #open}
     */
    public static Tls openWithHttp2(List<PemFiles> files) throws IOException {
        return new Tls(read(files, true), true);
    }

    /** Whether HTTP/2 is offered. */
    boolean http2() {
        return http2;
    }

    /**
     * Takes other certificates for connections from now on.
     *
     * @param files at least one
     * @throws IOException as {@link #open}; then nothing changed
     */
    public void use(List<PemFiles> files) throws IOException {
        certificates = read(files, http2);
    }

    private static List<Certificate> read(List<PemFiles> files, boolean http2) throws IOException {
        if (files.isEmpty()) {
            throw new IOException("no certificate is given");
        }
        var read = new ArrayList<Certificate>();
        for (PemFiles each : files) {
            read.add(new Certificate(each, http2));
        }
        return List.copyOf(read);
    }

    /** One certificate, as its files were last. */
    private static final class Certificate {
        private final PemFiles files;
        private final boolean http2;
        private final AtomicReference<Loaded> loaded;

        private record Loaded(SslContext context, Set<String> names, List<FileTime> times, long looked) {}

        Certificate(PemFiles files, boolean http2) throws IOException {
            this.files = files;
            this.http2 = http2;
            loaded = new AtomicReference<>(load());
        }

        private List<FileTime> times() throws IOException {
            try {
                return List.of(Files.getLastModifiedTime(files.certificate), Files.getLastModifiedTime(files.key));
            } catch (NoSuchFileException e) {
                throw new IOException("there is no file " + e.getFile(), e);
            }
        }

        private Loaded load() throws IOException {
            List<FileTime> times = times();
            try (InputStream chain = Files.newInputStream(files.certificate)) {
                SslContext context = SslContextBuilder.forServer(files.certificate.toFile(), files.key.toFile())
                        .protocols("TLSv1.3", "TLSv1.2")
                        .applicationProtocolConfig(http2 ? HTTP2_OR_1 : ApplicationProtocolConfig.DISABLED)
                        .build();
                var own = (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(chain);
                return new Loaded(context, names(own), times, System.nanoTime());
            } catch (IllegalArgumentException | CertificateException e) {
                throw new IOException(
                        "cannot use " + files.certificate + " with " + files.key + ": " + e.getMessage(), e);
            }
        }

        /** The DNS names that a certificate is for, in lower case. */
        private static Set<String> names(X509Certificate certificate) throws CertificateException {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            var names = new HashSet<String>();
            for (List<?> name : all == null ? List.<List<?>>of() : all) {
                if (Integer.valueOf(DNS_NAME).equals(name.getFirst())) {
                    names.add(String.valueOf(name.getLast()).toLowerCase(Locale.ROOT));
                }
            }
            return names;
        }

        /** See {@link X509Certificate#getSubjectAlternativeNames}. */
        private static final int DNS_NAME = 2;

        Loaded current() {
            Loaded there = loaded.get();
            long now = System.nanoTime();
            if (now - there.looked < LOOK_NANOS) {
                return there;
            }
            Loaded next = new Loaded(there.context, there.names, there.times, now);
            try {
                next = times().equals(there.times) ? next : load();
            } catch (IOException e) {
                LOG.warn("the former certificate stays: {}", e.getMessage());
            }
            loaded.compareAndSet(there, next);
            return next;
        }
    }

    /** What a new connection needs. */
    ChannelHandler handler() {
        return new SniHandler(this::chosen, MAX_CLIENT_HELLO_BYTES, HANDSHAKE.toMillis());
    }

    private SslContext chosen(@Nullable String host) {
        List<Certificate> all = certificates;
        if (host != null && all.size() > 1) {
            String name = host.toLowerCase(Locale.ROOT);
            int dot = name.indexOf('.');
            for (String wanted : dot < 0 ? List.of(name) : List.of(name, "*" + name.substring(dot))) {
                for (Certificate certificate : all) {
                    Certificate.Loaded loaded = certificate.current();
                    if (loaded.names.contains(wanted)) {
                        return loaded.context;
                    }
                }
            }
        }
        return all.getFirst().current().context;
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
