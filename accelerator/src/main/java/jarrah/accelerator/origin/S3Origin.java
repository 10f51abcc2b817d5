package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.store.Generations;
import jarrah.aws.RequestSigner;
import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpOrigin;
import jarrah.http.PercentCoding;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bucket of an S3-compatible store. Requests are signed with Signature Version 4; copies are revalidated by their ETag
 * when they are stale: by time, or where the store is a Jarrah region by what it tells of its changes.
 */
final class S3Origin implements Origin {
    private static final Logger LOG = LoggerFactory.getLogger(S3Origin.class);

    /** SHA-256 of no body. */
    private static final String EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /** The first key in the answer of ListObjectsV2. */
    private static final Pattern FIRST_KEY = Pattern.compile("<Key>([^<]*)</Key>");

    private final SiteOrigin.S3 origin;
    private final Upstream upstream;
    private final CredentialSource credentials;
    private final Clock clock;
    private final HttpOrigin server;
    private @Nullable BucketChanges changes;
    private @Nullable ChangeFollower follower;

    /**
     * An origin at that bucket, whose answers live by time unless {@link #follow} is called.
     *
     * @param upstream of {@link #server}; closed with this origin
     */
    S3Origin(SiteOrigin.S3 origin, Upstream upstream, CredentialSource credentials, Clock clock) {
        this.origin = origin;
        this.upstream = upstream;
        this.credentials = credentials;
        this.clock = clock;
        this.server = server(origin);
    }

    /** The server that has the bucket: the endpoint, or the bucket's own name before it. */
    static HttpOrigin server(SiteOrigin.S3 origin) {
        HttpOrigin endpoint = origin.endpoint();
        return origin.pathStyle()
                ? endpoint
                : new HttpOrigin(endpoint.secure(), origin.bucket() + "." + endpoint.host(), endpoint.port());
    }

    /**
     * Begins to follow the bucket's changes; to be called before anybody else has this origin.
     *
     * @param client with {@link ChangeFollower#config}; not closed here
     */
    void follow(HttpClient client) {
        boolean insisting = origin.coherent() == SiteOrigin.Coherent.ALWAYS;
        String name = "bucket " + origin.bucket() + " at " + server;
        changes = new BucketChanges(name, insisting, System::nanoTime, clock);
        follower = new ChangeFollower(changes, origin.prefix(), query -> bucketRequest(query, Headers.of()), client);
    }

    @Override
    public @Nullable Generations generations(CacheKey key) {
        return changes == null ? null : changes.generations(key.path());
    }

    @Override
    public boolean vouches() {
        return changes != null && changes.vouches();
    }

    @Override
    public @Nullable Coherence coherence() {
        return changes == null ? null : changes.coherence();
    }

    private String bucketPath() {
        return origin.pathStyle() ? "/" + PercentCoding.encode(origin.bucket()) + "/" : "/";
    }

    private ClientRequest bucketRequest(String query, Headers headers) throws OriginException {
        headers.set("Host", server.authority());
        sign("GET", bucketPath(), query, headers);
        return new ClientRequest("GET", server, bucketPath() + "?" + query, headers, ClientRequest.Content.NONE);
    }

    @Override
    public void fetch(Asked asked, Receiver receiver) throws IOException {
        String key = PercentCoding.encodePath(asked.key().path());
        String path = origin.pathStyle() ? "/" + PercentCoding.encode(origin.bucket()) + "/" + key : "/" + key;
        Headers headers = ObjectAnswers.asked(server.authority(), asked.headers());
        sign(asked.method(), path, null, headers);
        var request = new ClientRequest(asked.method(), server, path, headers, ClientRequest.Content.NONE);
        try (ClientResponse response = upstream.ask(_ -> request, true, (_, _) -> {})) {
            if (response.status() >= 300 && response.status() < 400 && response.status() != 304) {
                // S3 redirects to the bucket's region; whoever follows would have to sign anew for it.
                String region = response.headers().first("x-amz-bucket-region");
                LOG.warn(
                        "{} answers that bucket {} is not here but in region {}: set `region` and `s3` of the site",
                        server,
                        origin.bucket(),
                        region == null ? "unknown" : region);
                throw new OriginException(
                        OriginException.Kind.BROKEN,
                        server + " redirects to another region",
                        new ProtocolException("status " + response.status()));
            }
            if (response.status() == 403 || response.status() == 401) {
                LOG.info(
                        "{} refuses {} of bucket {} to {} (s3:GetObject; for keys that do not exist s3:ListBucket)",
                        server,
                        asked.key().path(),
                        origin.bucket(),
                        origin.credentials().id());
            }
            UrlOrigin.receive(
                    asked.method(),
                    response,
                    new ObjectAnswers(receiver, asked.method().equals("HEAD")));
        }
    }

    @Override
    public BucketListing list(String prefix, @Nullable String token, int most) throws IOException {
        ClientRequest request = bucketRequest(BucketListing.query(prefix, token, most), Headers.of());
        try (ClientResponse response = upstream.ask(_ -> request, true, (_, _) -> {})) {
            int status = response.status();
            if (status == 403 || status == 401) {
                LOG.info(
                        "{} refuses the names in bucket {} to {} (s3:ListBucket)",
                        server,
                        origin.bucket(),
                        origin.credentials().id());
            }
            byte[] document;
            try {
                document = status == 200 ? response.readAll(BucketListing.MAX_ANSWER_BYTES) : new byte[0];
            } catch (IOException e) {
                throw new OriginException(OriginException.Kind.BROKEN, server + " broke off within a listing", e);
            }
            return BucketListing.read(status, document);
        }
    }

    /** Lists one key and reads its first byte: so it shows which of the two permissions is missing. */
    @Override
    public List<String> check() {
        var problems = new ArrayList<String>();
        String who = origin.credentials().id();
        try {
            String base = origin.pathStyle() ? "/" + PercentCoding.encode(origin.bucket()) : "";
            String query = "list-type=2&max-keys=1&prefix=" + PercentCoding.encode(origin.prefix());
            String list = text(base + "/", query, problems, "s3:ListBucket");
            Matcher key = FIRST_KEY.matcher(list);
            if (!key.find()) {
                if (problems.isEmpty()) {
                    problems.add("bucket " + origin.bucket() + " holds nothing under `" + origin.prefix()
                            + "`: whether it may be read does not show");
                }
            } else {
                text(base + "/" + PercentCoding.encodePath(unescaped(key.group(1))), null, problems, "s3:GetObject");
            }
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        Coherence coherence = coherence();
        if (problems.isEmpty() && coherence != null && coherence.trouble() != null) {
            problems.add("changes of bucket " + origin.bucket() + " are not told: " + coherence.trouble());
        }
        return problems.stream().map(problem -> problem + " (as " + who + ")").toList();
    }

    private String text(String path, @Nullable String query, List<String> problems, String permission)
            throws IOException {
        Headers headers = Headers.of("Host", server.authority(), "Range", "bytes=0-8191");
        sign("GET", path, query, headers);
        String target = query == null ? path : path + "?" + query;
        var request = new ClientRequest("GET", server, target, headers, ClientRequest.Content.NONE);
        try (ClientResponse response = upstream.askOnly(server, request)) {
            switch (response.status()) {
                case 401, 403 -> problems.add(permission + " is not allowed on bucket " + origin.bucket());
                case 404 -> problems.add("there is no bucket " + origin.bucket());
                case 301, 307, 400 ->
                    problems.add("bucket " + origin.bucket() + " is in another region: "
                            + response.headers().first("x-amz-bucket-region"));
                default -> {
                    if (response.status() >= 500) {
                        problems.add(server + " answers " + response.status());
                    }
                }
            }
            ByteBuffer buffer = ByteBuffer.allocate(8_192);
            while (buffer.hasRemaining() && response.body().read(buffer) >= 0) {
                // up to its end, or as much as is of use
            }
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        }
    }

    /** The characters that XML escapes. */
    private static String unescaped(String xml) {
        return xml.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
    }

    private void sign(String method, String path, @Nullable String query, Headers headers) throws OriginException {
        CredentialSource.Key key = credentials.current();
        if (key == null) {
            return;
        }
        if (key.sessionToken() != null) {
            headers.set("X-Amz-Security-Token", key.sessionToken());
        }
        new RequestSigner(key.id(), key.secret(), origin.region(), "s3", clock)
                .sign(method, path, query, headers, EMPTY_HASH);
    }

    @Override
    public void close() {
        if (follower != null) {
            follower.close();
        }
        upstream.close();
        credentials.close();
    }
}
