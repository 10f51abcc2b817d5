package jarrah.accelerator.origin;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpClientConfig;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/** A small object of an S3-compatible store that is read whole, such as a configuration. */
public final class S3Document implements AutoCloseable {
    private final HttpClient client;
    private final S3Origin origin;
    private final CacheKey key;
    private final int maxBytes;

    /**
     * Reads nothing yet.
     *
     * @param where the bucket; its prefix does not count
     * @param key of the object
     * @param maxBytes a longer one is an error
     */
    public S3Document(SiteOrigin.S3 where, String key, int maxBytes, HttpClientConfig config, Clock clock) {
        this.client = new HttpClient(config);
        var upstream = new Upstream(client, List.of(S3Origin.server(where)), where.reach(), null, System::nanoTime);
        this.origin = new S3Origin(where, upstream, new CredentialSource(where.credentials()), clock);
        this.key = new CacheKey("", where.id(), key, null);
        this.maxBytes = maxBytes;
    }

    /**
     * The object's ETag now.
     *
     * @throws IOException if it cannot be read; the message says why
     */
    public String tag() throws IOException {
        var tag = new StringBuilder();
        ask("HEAD", (status, headers, length) -> {
            requireFound(status);
            tag.append(headers.first("ETag"));
            return new DiscardedBody();
        });
        return tag.toString();
    }

    /**
     * Its bytes.
     *
     * @throws IOException if it cannot be read; the message says why
     */
    public byte[] read() throws IOException {
        var bytes = new BoundedBytes(maxBytes);
        ask("GET", (status, headers, length) -> {
            requireFound(status);
            return bytes;
        });
        return bytes.toByteArray();
    }

    private void requireFound(int status) throws IOException {
        if (status == 403) {
            throw new IOException("s3:GetObject is not allowed");
        }
        if (status != 200) {
            throw new IOException(status == 404 ? "there is no such object" : "the store answers " + status);
        }
    }

    private void ask(String method, Origin.Receiver receiver) throws IOException {
        origin.fetch(new Origin.Asked(method, key, "/", Headers.of(), null), receiver);
    }

    @Override
    public void close() {
        origin.close();
        client.close();
    }
}
