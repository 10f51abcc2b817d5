package jarrah.server;

import jarrah.http.Exchange;
import jarrah.iam.IamException;
import jarrah.s3.store.Quotas;
import jarrah.s3.store.StoreCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin API's part for stored bytes. Checks answer while they work, a JSON object a line:
 *
 * <pre>
 *   {"progress": {"contents": N, "bytes": N}}   once a second
 *   {"damaged": {"subject": "...", "why": "..."}}
 *   {"done": {"contents": N, "bytes": N, "damaged": N}}
 * </pre>
 *
 * <p>A client that goes away ends its check.
 */
record StorageAdmin(StoreCheck check, Quotas quotas) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();

    ObjectNode stats() {
        StoreCheck.Stats stats = check.stats();
        ObjectNode answer = JSON.createObjectNode();
        var buckets = answer.putArray("buckets");
        stats.buckets().forEach((name, classes) -> {
            var amounts = buckets.addObject().put("name", name).putArray("classes");
            classes.forEach((storageClass, amount) -> amounts.addObject()
                    .put("storageClass", storageClass)
                    .put("objects", amount.objects())
                    .put("versions", amount.versions())
                    .put("bytes", amount.bytes()));
        });
        return answer.put("deleteMarkers", stats.deleteMarkers())
                .put("uploads", stats.uploads())
                .put("partBytes", stats.partBytes())
                .put("garbage", stats.garbage())
                .put("blobs", stats.blobs())
                .put("blobBytes", stats.blobBytes());
    }

    /** Shows a bucket's quota, after it was set or removed if the request says so. */
    ObjectNode quota(JsonNode request) {
        String bucket = request.path("bucket").asString("");
        Optional<Quotas.Quota> quota;
        if (request.path("remove").asBoolean(false)) {
            quotas.remove(bucket);
            quota = Optional.empty();
        } else {
            quota = quotas.get(bucket);
            if (request.has("maxBytes") || request.has("maxObjects")) {
                quota = Optional.of(quotas.set(
                        bucket,
                        limit(
                                request,
                                "maxObjects",
                                quota.map(Quotas.Quota::mostVersions).orElse(0L)),
                        limit(
                                request,
                                "maxBytes",
                                quota.map(Quotas.Quota::mostBytes).orElse(0L))));
            }
        }
        ObjectNode answer = JSON.createObjectNode().put("bucket", bucket);
        quota.ifPresent(there -> answer.put("maxObjects", there.mostVersions())
                .put("maxBytes", there.mostBytes())
                .put("objects", there.versions())
                .put("bytes", there.bytes()));
        return answer;
    }

    private static long limit(JsonNode request, String name, long former) {
        long limit = request.path(name).asLong(former);
        if (limit < 0) {
            throw new IamException.ValidationError("A limit is 0, for none, or more.");
        }
        return limit;
    }

    void verify(Exchange exchange, boolean deep) throws IOException {
        try (var lines = new Lines(exchange)) {
            check.verify(deep, lines);
            lines.done();
        }
    }

    void scrub(Exchange exchange) throws IOException {
        try (var lines = new Lines(exchange)) {
            check.scrub(lines);
            lines.done();
        }
    }

    /** The answer under way; used by one thread. */
    private static final class Lines implements StoreCheck.Listener<IOException>, AutoCloseable {
        private final LineStream stream;
        private long contents;
        private long bytes;
        private long damaged;
        private long told = System.nanoTime();

        Lines(Exchange exchange) {
            stream = new LineStream(exchange);
        }

        @Override
        public void progress(long contentsSoFar, long bytesSoFar) throws IOException {
            contents = contentsSoFar;
            bytes = bytesSoFar;
            if (System.nanoTime() - told >= PROGRESS_NANOS) {
                told = System.nanoTime();
                stream.write("progress", amounts());
            }
        }

        @Override
        public void damaged(String subject, String why) throws IOException {
            damaged++;
            stream.write(
                    "damaged", JSON.createObjectNode().put("subject", subject).put("why", why));
        }

        void done() throws IOException {
            stream.write("done", amounts().put("damaged", damaged));
        }

        private ObjectNode amounts() {
            return JSON.createObjectNode().put("contents", contents).put("bytes", bytes);
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
