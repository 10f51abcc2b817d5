package jarrah.accelerator.origin;

import jarrah.accelerator.site.Reach;
import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.HttpClient;
import jarrah.http.HttpOrigin;
import jarrah.http.RequestBody;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that answer alike: the first that is in service is asked. One that fails is passed over for the next, if the
 * request may be repeated and the budget for that is not spent: a failing origin must not get twice the requests.
 *
 * <p>Out of service is a server that its probe finds so, and for a while one that could not be connected to several times
 * running. If none is in service, requests fail at once.
 */
final class Upstream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    /** So many connections refused in a row put a server out of service. */
    private static final int REFUSALS = 3;

    /** After that long one request tries such a server again. */
    private static final long OUT_NANOS = 5_000_000_000L;

    /** So many probes in a row change what is thought of a server. */
    private static final int PROBES = 2;

    /** A request earns a tenth of a repetition; so many, in tenths, may be saved up. */
    private static final int MAX_BUDGET = 200;

    private static final int REPETITION_COST = 10;

    /** What a server says that cannot answer now, while another perhaps can. */
    private static final Set<Integer> NOT_NOW = Set.of(502, 503, 504);

    private final HttpClient client;
    private final List<Server> servers;
    private final LongSupplier nanos;
    private final AtomicLong budget = new AtomicLong(MAX_BUDGET);
    private final @Nullable HttpClient prober;
    private final @Nullable Thread probing;

    /**
     * Begins to probe if a probe is given.
     *
     * @param client for requests, shared and not closed here
     * @param prober for probes, with their deadline; closed here; null if there is no probe
     * @param nanos a clock that never goes back
     */
    Upstream(
            HttpClient client,
            List<HttpOrigin> addresses,
            Reach reach,
            @Nullable HttpClient prober,
            LongSupplier nanos) {
        this.client = client;
        this.servers = addresses.stream().map(Server::new).toList();
        this.prober = prober;
        this.nanos = nanos;
        this.probing = prober == null
                ? null
                : reach.probe()
                        .map(probe -> Thread.ofVirtual().name("probe").start(() -> probe(prober, probe)))
                        .orElse(null);
    }

    /** One server, and what is thought of it. */
    private static final class Server {
        private final HttpOrigin address;
        private volatile boolean failsProbe;
        private int refusals;
        private long outUntil;
        private boolean out;

        Server(HttpOrigin address) {
            this.address = address;
        }

        /** Whether to ask it now; of those who ask while it is out for refusals, one gets a yes after a while. */
        synchronized boolean inService(long now) {
            if (failsProbe) {
                return false;
            }
            if (!out) {
                return true;
            }
            if (now - outUntil < 0) {
                return false;
            }
            outUntil = now + OUT_NANOS;
            return true;
        }

        synchronized void connected() {
            if (out) {
                LOG.info("{} is in service again", address);
            }
            refusals = 0;
            out = false;
        }

        synchronized void refused(long now) {
            refusals++;
            if (refusals >= REFUSALS && !out) {
                LOG.warn("{} cannot be reached and is out of service", address);
                out = true;
            }
            outUntil = now + OUT_NANOS;
        }
    }

    /**
     * Has a request answered.
     *
     * @param request made for the server that is asked
     * @param repeatable whether it may be sent to a second server: safe, and without a body
     * @param interim takes interim responses
     * @throws OriginException if there is no answer
     */
    ClientResponse ask(Function<HttpOrigin, ClientRequest> request, boolean repeatable, HttpClient.Interim interim)
            throws IOException {
        budget.updateAndGet(tenths -> Math.min(MAX_BUDGET, tenths + 1));
        List<Server> candidates = candidates();
        for (int i = 0; ; i++) {
            Server server = candidates.get(i);
            boolean last = !repeatable || i == candidates.size() - 1;
            try {
                ClientResponse response = client.execute(request.apply(server.address), interim);
                server.connected();
                if (last || !NOT_NOW.contains(response.status()) || !repetition()) {
                    return response;
                }
                response.close();
            } catch (RequestBody.BodyTooLarge | RequestBody.BodyTimeout | RequestBody.BodyMalformed e) {
                throw e; // the client's fault, and told to it
            } catch (IOException e) {
                OriginException failure = failure(server.address, e);
                if (failure.kind() == OriginException.Kind.UNREACHABLE) {
                    server.refused(nanos.getAsLong());
                }
                if (last || !repetition()) {
                    throw failure;
                }
                LOG.info("{}; another is asked", failure.getMessage());
            }
        }
    }

    private List<Server> candidates() throws OriginException {
        long now = nanos.getAsLong();
        var candidates = new ArrayList<Server>(servers.size());
        for (Server server : servers) {
            if (server.inService(now)) {
                candidates.add(server);
            }
        }
        if (candidates.isEmpty()) {
            throw new OriginException(
                    OriginException.Kind.UNREACHABLE, names() + ": no server is in service", new ConnectException());
        }
        return candidates;
    }

    private String names() {
        return String.join(
                ", ", servers.stream().map(server -> server.address.toString()).toList());
    }

    private boolean repetition() {
        long before = budget.getAndUpdate(tenths -> tenths >= REPETITION_COST ? tenths - REPETITION_COST : tenths);
        return before >= REPETITION_COST;
    }

    private static OriginException failure(HttpOrigin server, IOException e) {
        return switch (e) {
            case ConnectException _, UnknownHostException _, NoRouteToHostException _ ->
                new OriginException(OriginException.Kind.UNREACHABLE, server + " cannot be reached", e);
            case SocketTimeoutException _ ->
                new OriginException(OriginException.Kind.SILENT, server + " does not answer", e);
            default -> new OriginException(OriginException.Kind.BROKEN, server + " broke off", e);
        };
    }

    private void probe(HttpClient prober, Reach.Probe probe) {
        var runs = new int[servers.size()];
        try {
            while (true) {
                for (int i = 0; i < runs.length; i++) {
                    Server server = servers.get(i);
                    boolean good = answers(prober, server.address, probe.path());
                    runs[i] = good == server.failsProbe ? runs[i] + 1 : 0;
                    if (runs[i] >= PROBES) {
                        server.failsProbe = !good;
                        LOG.warn("{} is {} service", server.address, good ? "in" : "out of");
                        runs[i] = 0;
                    }
                }
                Thread.sleep(probe.every());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private static boolean answers(HttpClient prober, HttpOrigin server, String path) {
        var request = ClientRequest.get(server, path, "User-Agent", "jarrah-probe");
        try (ClientResponse response = prober.execute(request)) {
            return response.status() < 400;
        } catch (IOException e) {
            return false;
        }
    }

    List<HttpOrigin> servers() {
        return servers.stream().map(server -> server.address).toList();
    }

    /**
     * Has one server answer, whether or not it is in service.
     *
     * @throws OriginException if it does not
     */
    ClientResponse askOnly(HttpOrigin server, ClientRequest request) throws OriginException {
        try {
            return client.execute(request);
        } catch (IOException e) {
            throw failure(server, e);
        }
    }

    /** Ends the probe. */
    @Override
    public void close() {
        if (probing != null) {
            probing.interrupt();
        }
        if (prober != null) {
            prober.close();
        }
    }
}
