package jarrah.s3.remote;

import jarrah.http.HttpClientConfig;
import jarrah.http.HttpOrigin;
import java.io.IOException;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An S3 endpoint of somebody else's that buckets may be replicated to.
 *
 * @param name for logs
 * @param server where it is, e.g. {@code https://s3.eu-west-1.amazonaws.com}
 * @param region to sign for
 * @param pathStyle whether the bucket stands in the path, else before the server's name
 * @param buckets which names of destinations mean buckets there
 * @param accounts ids of those whose buckets may be replicated there; empty for all
 * @param keys that sign the requests; closed with the endpoint
 * @param client deadlines and certificates
 */
public record RemoteEndpoint(
        String name,
        HttpOrigin server,
        String region,
        boolean pathStyle,
        Predicate<String> buckets,
        Set<String> accounts,
        Keys keys,
        HttpClientConfig client) {

    /** What a destination may be called, whoever names it: it becomes part of a host's name or of a path. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]*(\\.[a-z0-9][a-z0-9-]*)*");

    private static final int MAX_NAME = 63;

    public RemoteEndpoint {
        accounts = Set.copyOf(accounts);
    }

    /** Gives the keys that sign, as they are now. */
    public interface Keys extends AutoCloseable {
        /**
         * The key to sign with; null to sign nothing. May wait for a metadata service.
         *
         * @throws IOException if there should be one and is not
         */
        @Nullable
        Key current() throws IOException;

        @Override
        default void close() {}
    }

    /**
     * A key.
     *
     * @param sessionToken null unless it is temporary
     */
    public record Key(String id, String secret, @Nullable String sessionToken) {
        @Override
        public String toString() {
            return "Key[" + id + "]"; // the secret belongs into no log
        }
    }

    /** Whether the name means a bucket there. */
    boolean has(String bucket) {
        return bucket.length() <= MAX_NAME && NAME.matcher(bucket).matches() && buckets.test(bucket);
    }

    boolean serves(String bucket, String accountId) {
        return has(bucket) && (accounts.isEmpty() || accounts.contains(accountId));
    }
}
