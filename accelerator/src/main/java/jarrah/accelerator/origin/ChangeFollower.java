package jarrah.accelerator.origin;

import jarrah.accelerator.store.Lease;
import jarrah.http.ClientRequest;
import jarrah.http.ClientResponse;
import jarrah.http.HttpClient;
import jarrah.http.HttpClientConfig;
import jarrah.http.PercentCoding;
import jarrah.http.RequestBody;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks a Jarrah region for the changes of a bucket, again and again, on a thread of its own: each request waits there for
 * the next change, half a second at the longest. What the answers mean is {@link BucketChanges}' to say.
 */
final class ChangeFollower implements AutoCloseable {
    /** More than a region tells at a time. */
    private static final int MAX_ANSWER_BYTES = 1 << 20;

    /** Between two requests when answers come at once, so that a store that changes all the time is not asked as often. */
    private static final Duration PACE = Duration.ofMillis(10);

    /** The same where nothing was told either. */
    private static final Duration IDLE_PACE = Duration.ofMillis(100);

    /** After a request without an answer. */
    private static final Duration SILENCE = Duration.ofMillis(200);

    /** After a refusal; what was missing may have been granted. */
    private static final Duration REFUSAL = Duration.ofSeconds(1);

    /** The same where copies live by time. */
    private static final Duration BY_TIME = Duration.ofSeconds(10);

    private final BucketChanges changes;
    private final Source source;
    private final HttpClient client;
    private final Thread thread;
    private volatile boolean closed;

    /** Makes the request for what happened since a cursor. */
    interface Source {
        /**
         * A signed request.
         *
         * @param query percent-encoded
         */
        ClientRequest request(String query) throws IOException;
    }

    /**
     * Begins to ask.
     *
     * @param prefix of the objects that matter
     * @param client with {@link #config}; shared and not closed here
     */
    ChangeFollower(BucketChanges changes, String prefix, Source source, HttpClient client) {
        this.changes = changes;
        this.source = source;
        this.client = client;
        thread = Thread.ofVirtual().name("changes").start(() -> follow(prefix));
    }

    /** Deadlines that are shorter than the lease, and room for as many connections as sites. */
    static HttpClientConfig config(HttpClientConfig base) {
        return base.withTimeouts(Duration.ofSeconds(1), Duration.ofMillis(1_500), Duration.ofMillis(500))
                .withConnections(1_024, 1_024, Duration.ofSeconds(1));
    }

    private void follow(String prefix) {
        String cursor = null;
        try {
            while (!closed) {
                long began = System.nanoTime();
                Lease.Moment asked = changes.asking();
                Duration pace;
                try {
                    BucketChanges.News news = ask(prefix, cursor);
                    changes.told(asked, news);
                    cursor = news.cursor();
                    pace = news.keys().isEmpty() && !news.bucket() ? IDLE_PACE : PACE;
                } catch (Refused e) {
                    changes.refused(String.valueOf(e.getMessage()));
                    pace = changes.byTime() ? BY_TIME : REFUSAL;
                } catch (IOException e) {
                    if (closed) {
                        return;
                    }
                    changes.silent(String.valueOf(e.getMessage()));
                    pace = SILENCE;
                }
                long spentNanos = System.nanoTime() - began;
                Thread.sleep(Duration.ofNanos(Math.max(0, pace.toNanos() - spentNanos)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** An answer that is none: this store, or to this caller, does not tell of changes. */
    private static final class Refused extends Exception {
        Refused(String message) {
            super(message);
        }
    }

    private BucketChanges.News ask(String prefix, @Nullable String cursor) throws IOException, Refused {
        String query = (prefix.isEmpty() ? "" : "prefix=" + PercentCoding.encode(prefix) + "&")
                + (cursor == null ? "" : "since=" + PercentCoding.encode(cursor) + "&")
                + "x-jarrah-changes=";
        try (ClientResponse response = client.execute(source.request(query))) {
            int status = response.status();
            if (status >= 500 && status != 501) {
                throw new IOException("it answers " + status);
            }
            if (status == 403 || status == 401) {
                throw new Refused("s3:ListBucket is not allowed");
            }
            if (status == 404) {
                throw new Refused("there is no such bucket");
            }
            if (status != 200) {
                throw new Refused("it answers " + status);
            }
            try {
                return BucketChanges.News.parse(new String(response.readAll(MAX_ANSWER_BYTES), StandardCharsets.UTF_8));
            } catch (ProtocolException | RequestBody.BodyTooLarge e) {
                throw new Refused("it is no store that does");
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
