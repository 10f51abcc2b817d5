package jarrah.s3.remote;

import jarrah.http.HttpClient;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The buckets of other endpoints that the operator has named. Which names mean such a bucket is the configuration's to say,
 * whatever buckets are here: else somebody could make one of that name and be sent what is another's.
 */
public final class RemoteBuckets implements AutoCloseable {
    private final List<Reached> reached = new ArrayList<>();
    private final Clock clock;

    /** An endpoint with its connections: one that is slow takes none of another's. */
    private record Reached(RemoteEndpoint endpoint, HttpClient client) {}

    /** @param endpoints the first that has a name counts */
    public RemoteBuckets(List<RemoteEndpoint> endpoints, Clock clock) {
        this.clock = clock;
        endpoints.forEach(endpoint -> reached.add(new Reached(endpoint, new HttpClient(endpoint.client()))));
    }

    /** No other endpoint is named. */
    public static RemoteBuckets none(Clock clock) {
        return new RemoteBuckets(List.of(), clock);
    }

    /**
     * The bucket elsewhere that a destination means.
     *
     * @param accountId owner of the source
     * @return empty if the name means a bucket of this server
     */
    public Optional<RemoteBucket> find(String name, String accountId) {
        return reached.stream()
                .filter(one -> one.endpoint.serves(name, accountId))
                .findFirst()
                .map(one -> new RemoteBucket(one.endpoint, name, Optional.empty(), one.client, clock));
    }

    /** The buckets elsewhere that a destination may mean, whoever asks; at most one an endpoint. */
    public List<RemoteBucket> named(String name) {
        return reached.stream()
                .filter(one -> one.endpoint.has(name))
                .map(one -> new RemoteBucket(one.endpoint, name, Optional.empty(), one.client, clock))
                .toList();
    }

    /** Breaks off what runs. */
    @Override
    public void close() {
        for (Reached one : reached) {
            one.client.close();
            one.endpoint.keys().close();
        }
    }
}
