package jarrah.server;

import jarrah.accelerator.Accelerator;
import jarrah.accelerator.acme.AcmeCertificates;
import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.AcmeConfig;
import jarrah.http.HttpServer;
import jarrah.http.HttpServerConfig;
import jarrah.http.Tls;
import jarrah.http.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an accelerator listens: for HTTP, and for TLS if it has certificates, which may be an authority's. Guarded by its
 * own monitor.
 */
final class AcceleratorPorts implements AutoCloseable {
    private final Accelerator accelerator;
    private final AcmeCertificates certificates;
    private final String listen;
    private final HttpServer plain;
    private volatile AcceleratorConfig config;
    private @Nullable Secure secure;

    private record Secure(int asked, Tls tls, HttpServer server) {}

    private AcceleratorPorts(
            Accelerator accelerator, AcmeCertificates certificates, AcceleratorConfig config, String listen, int port)
            throws IOException {
        this.accelerator = accelerator;
        this.certificates = certificates;
        this.config = config;
        this.listen = listen;
        plain = listen(port, Optional.empty());
        try {
            secure = secure(config);
        } catch (IOException e) {
            plain.close();
            throw e;
        }
        certificates.keep(acme(config)); // the authority's questions can be answered from now on
    }

    /**
     * Begins to listen.
     *
     * @param certificates those of an authority; not closed here
     * @param listen address of the ports
     * @param port for HTTP; 0 for a free one
     * @throws IOException if a port is taken or a certificate cannot be used, for a person to read
     */
    static AcceleratorPorts open(
            Accelerator accelerator, AcmeCertificates certificates, AcceleratorConfig config, String listen, int port)
            throws IOException {
        return new AcceleratorPorts(accelerator, certificates, config, listen, port);
    }

    private HttpServer listen(int port, Optional<Tls> tls) throws IOException {
        var transport = new Transport(tls, peer -> config.isBalancer(peer));
        try {
            HttpServerConfig limits = HttpServerConfig.of(listen, port)
                    .withConnections(config.connections(), config.connectionsPerClient());
            return HttpServer.start(
                    limits,
                    transport,
                    accelerator,
                    exchange -> certificates.answer(exchange) || accelerator.tryHandle(exchange));
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + listen + ":" + port + ": is another program using the port? ("
                            + (port < 1024 ? "ports below 1024 take a privilege: docs/accelerator/ports.md; " : "")
                            + "jarrah doctor)",
                    e);
        }
    }

    private @Nullable Secure secure(AcceleratorConfig wanted) throws IOException {
        if (wanted.tls().isEmpty()) {
            return null;
        }
        AcceleratorConfig.TlsPort port = wanted.tls().get();
        Tls tls = Tls.openWithHttp2(files(port));
        return new Secure(port.port(), tls, listen(port.port(), Optional.of(tls)));
    }

    /**
     * Has another configuration take effect, with the certificates, balancers and the TLS port of it. No request is
     * dropped.
     *
     * @throws IOException if a port is taken, or a certificate or credentials cannot be used; then nothing changed
     */
    synchronized void reload(AcceleratorConfig wanted) throws IOException {
        AcceleratorConfig former = config;
        take(wanted);
        try {
            accelerator.reload(wanted);
        } catch (IOException | RuntimeException e) {
            take(former);
            throw e;
        }
    }

    private void take(AcceleratorConfig wanted) throws IOException {
        Secure former = secure;
        AcceleratorConfig.TlsPort port = wanted.tls().orElse(null);
        if (former != null && port != null && former.asked == port.port()) {
            former.tls.use(files(port));
        } else {
            secure = secure(wanted);
            if (former != null) {
                Thread.ofVirtual().name("former-port").start(former.server::close);
            }
        }
        config = wanted;
        certificates.keep(acme(wanted));
    }

    private static Optional<AcmeConfig> acme(AcceleratorConfig config) {
        return config.tls().flatMap(AcceleratorConfig.TlsPort::acme);
    }

    private List<Tls.PemFiles> files(AcceleratorConfig.TlsPort port) throws IOException {
        var files = new ArrayList<>(port.certificates());
        if (port.acme().isPresent()) {
            files.addAll(certificates.files(port.acme().get()));
        }
        return files;
    }

    /** The port for HTTP. */
    int port() {
        return plain.port();
    }

    /** The port for TLS. */
    synchronized Optional<Integer> tlsPort() {
        return Optional.ofNullable(secure).map(now -> now.server.port());
    }

    /** No new requests; those that run may end. Harmless twice. */
    @Override
    public synchronized void close() {
        plain.close();
        if (secure != null) {
            secure.server.close();
        }
    }
}
