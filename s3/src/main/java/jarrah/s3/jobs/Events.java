package jarrah.s3.jobs;

import jarrah.aws.XmlElement;
import jarrah.s3.S3Settings;
import jarrah.s3.settings.Notification;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.Outbox;
import jarrah.s3.store.Removal;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.VersionId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes down what happened to objects for those whom a bucket's notification configuration names; {@link EventDelivery}
 * brings it to them. A record is durable before the request that caused it is answered, but written after the change itself: a crash
 * between the two loses the event of a change that was not acknowledged.
 */
public final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final S3Store store;
    private final Clock clock;
    private final S3Settings settings;

    public Events(S3Store store, Clock clock, S3Settings settings) {
        this.store = store;
        this.clock = clock;
        this.settings = settings;
    }

    /**
     * Who did it.
     *
     * @param principal AWS's name of him, e.g. {@code AWS:AIDA...}
     * @param address his IP address
     * @param requestId of the request; empty for what the store does itself
     */
    public record Cause(String principal, String address, String requestId, String hostId) {
        /** The store's own doing. */
        public static final Cause ITSELF = new Cause("s3.amazonaws.com", "-", "", "");
    }

    /** Notes what became of a version, e.g. {@code s3:ObjectCreated:Put}. */
    public void note(String event, Bucket bucket, StoredObject object, Cause cause) {
        note(event, bucket, object.key(), object, object.version(), object.generation(), cause);
    }

    /** Notes a deletion or a delete marker, if there was anything to delete. */
    public void removed(String kind, Bucket bucket, String key, Removal removal, Cause cause) {
        if (removal.happened()) {
            String event = kind + (isNewMarker(removal) ? "DeleteMarkerCreated" : "Delete");
            note(event, bucket, key, null, removal.version(), removal.number(), cause);
        }
    }

    // A marker that was deleted is a version that was; one that was made made the object vanish.
    private static boolean isNewMarker(Removal removal) {
        return removal.deleteMarker() && !removal.exists() && !removal.sameCurrent();
    }

    private void note(
            String event,
            Bucket bucket,
            String key,
            @Nullable StoredObject object,
            @Nullable VersionId version,
            long sequence,
            Cause cause) {
        Optional<Notification> notification = store.settings().get(bucket.name(), Kind.NOTIFICATION, Events::read);
        if (notification.isEmpty()) {
            return;
        }
        for (Notification.Target target : notification.get().targets()) {
            if (target.wants(event, key) && settings.destination(target.name()).isPresent()) {
                ObjectNode record = record(event, bucket, cause);
                ObjectNode s3 = record.putObject("s3");
                s3.put("s3SchemaVersion", "1.0").put("configurationId", target.id());
                s3.putObject("bucket")
                        .put("name", bucket.name())
                        .put("arn", "arn:aws:s3:::" + bucket.name())
                        .putObject("ownerIdentity")
                        .put("principalId", bucket.ownerId());
                ObjectNode about = s3.putObject("object").put("key", URLEncoder.encode(key, StandardCharsets.UTF_8));
                if (object != null) {
                    about.put("size", object.size()).put("eTag", object.etag());
                }
                if (version != null && !version.isNull()) {
                    about.put("versionId", version.text());
                }
                about.put("sequencer", "%016X".formatted(sequence));
                ObjectNode whole = JsonNodeFactory.instance.objectNode();
                whole.putArray("Records").add(record);
                store.outbox().add(List.of(target.name()), JSON.writeValueAsBytes(whole));
            }
        }
    }

    private ObjectNode record(String event, Bucket bucket, Cause cause) {
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        record.put("eventVersion", "2.1")
                .put("eventSource", "aws:s3")
                .put("awsRegion", bucket.region())
                .put("eventTime", jarrah.aws.AwsTime.iso(clock.instant()))
                .put("eventName", event.substring("s3:".length()));
        record.putObject("userIdentity").put("principalId", cause.principal());
        record.putObject("requestParameters").put("sourceIPAddress", cause.address());
        record.putObject("responseElements")
                .put("x-amz-request-id", cause.requestId())
                .put("x-amz-id-2", cause.hostId());
        return record;
    }

    /** Tells the targets of a new configuration that they will hear of its bucket. */
    public void test(Bucket bucket, Notification notification, Cause cause) {
        ObjectNode test = JsonNodeFactory.instance.objectNode();
        test.put("Service", "Amazon S3")
                .put("Event", "s3:TestEvent")
                .put("Time", jarrah.aws.AwsTime.iso(clock.instant()))
                .put("Bucket", bucket.name())
                .put("RequestId", cause.requestId())
                .put("HostId", cause.hostId());
        List<String> to = notification.targets().stream()
                .map(Notification.Target::name)
                .filter(name -> settings.destination(name).isPresent())
                .distinct()
                .toList();
        if (!to.isEmpty()) {
            store.outbox().add(to, JSON.writeValueAsBytes(test));
        }
        LOG.debug("{} tells {} targets", bucket.name(), to.size());
    }

    private static Notification read(byte[] document) {
        try {
            return Notification.of(XmlElement.parse(document), index -> "target-" + index);
        } catch (XmlElement.MalformedXml damaged) {
            throw new IllegalStateException("A setting that was read before", damaged);
        }
    }

    Outbox outbox() {
        return store.outbox();
    }
}
