package jarrah.accelerator.origin;

import jarrah.accelerator.site.Reach;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.HttpClient;
import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The origins of all sites. Sites with the same origin share it: its connections, and what is known of its servers; a
 * configuration that is read anew keeps those that it still names.
 */
public final class Origins implements AutoCloseable {
    private final @Nullable OwnBuckets buckets;
    private final HttpClientConfig base;
    private final Clock clock;
    private final Map<SiteOrigin, Origin> open = new HashMap<>();
    private final Map<HttpClientConfig, HttpClient> clients = new HashMap<>();

    /**
     * No origins yet.
     *
     * @param buckets the object store of this process; null if there is none
     * @param base bounds of the connections; deadlines come from the sites
     * @param clock dates signatures
     */
    public Origins(@Nullable OwnBuckets buckets, HttpClientConfig base, Clock clock) {
        this.buckets = buckets;
        this.base = base;
        this.clock = clock;
    }

    /**
     * The origins of those sites, opened where they are new.
     *
     * @return by the sites' names
     * @throws IOException if certificates to trust cannot be read, or a site names a bucket of this process and there is
     *     no object store
     */
    public synchronized Map<String, Origin> of(Collection<Site> sites) throws IOException {
        Map<String, Origin> origins = new HashMap<>();
        for (Site site : sites) {
            Origin origin = open.get(site.origin());
            if (origin == null) {
                origin = open(site.origin());
                open.put(site.origin(), origin);
            }
            origins.put(site.name(), origin);
        }
        return Map.copyOf(origins);
    }

    /** Closes the origins that none of those sites has. */
    public synchronized void keepOnly(Collection<Site> sites) {
        Set<SiteOrigin> kept = new HashSet<>();
        sites.forEach(site -> kept.add(site.origin()));
        open.entrySet().removeIf(entry -> {
            boolean gone = !kept.contains(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
    }

    /**
     * The object store of this process.
     *
     * @throws IllegalStateException if there is none: then no site has a bucket of it either
     */
    public OwnBuckets buckets() {
        if (buckets == null) {
            throw new IllegalStateException("no object store in this process");
        }
        return buckets;
    }

    private Origin open(SiteOrigin origin) throws IOException {
        return switch (origin) {
            case SiteOrigin.Bucket bucket -> {
                if (buckets == null) {
                    throw new IOException("bucket " + bucket.bucket() + ": there is no object store in this process;"
                            + " name its endpoint with `s3`");
                }
                yield new BucketOrigin(buckets, bucket);
            }
            case SiteOrigin.S3 s3 -> {
                Upstream upstream = upstream(List.of(S3Origin.server(s3)), s3.reach());
                var bucket = new S3Origin(s3, upstream, new CredentialSource(s3.credentials()), clock);
                if (s3.coherent() != SiteOrigin.Coherent.NEVER) {
                    bucket.follow(client(ChangeFollower.config(config(s3.reach()))));
                }
                yield bucket;
            }
            case SiteOrigin.Http http -> new UrlOrigin(upstream(http.servers(), http.reach()));
        };
    }

    private Upstream upstream(List<HttpOrigin> servers, Reach reach) throws IOException {
        HttpClientConfig config = config(reach);
        HttpClient client = client(config);
        Optional<HttpClient> prober = reach.probe()
                .map(probe -> new HttpClient(config.withTimeouts(probe.timeout(), probe.timeout(), probe.timeout())));
        return new Upstream(client, servers, reach, prober.orElse(null), System::nanoTime);
    }

    private HttpClient client(HttpClientConfig config) {
        return clients.computeIfAbsent(config, HttpClient::new);
    }

    private HttpClientConfig config(Reach reach) throws IOException {
        return config(base, reach);
    }

    /**
     * What a client of servers that are reached so is given.
     *
     * @throws IOException if the certificates cannot be read
     */
    public static HttpClientConfig config(HttpClientConfig base, Reach reach) throws IOException {
        HttpClientConfig config = reach.equals(Reach.DEFAULT)
                ? base
                : base.withTimeouts(reach.connect(), reach.firstByte(), reach.betweenBytes());
        return reach.ca().isPresent() ? config.withTls(trusting(reach.ca().get())) : config;
    }

    /** Trust in the certificates of that file alone. */
    private static SSLContext trusting(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("ca" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds no certificates: " + e.getMessage(), e);
        }
    }

    /** Ends probes and closes connections. */
    @Override
    public synchronized void close() {
        open.values().forEach(Origin::close);
        open.clear();
        clients.values().forEach(HttpClient::close);
        clients.clear();
    }
}
