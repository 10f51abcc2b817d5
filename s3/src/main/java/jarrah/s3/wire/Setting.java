package jarrah.s3.wire;

import jarrah.aws.XmlWriter;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A setting that a bucket has once: its document, and what S3 says where there is none. */
enum Setting {
    CORS(Kind.CORS, "CORSConfiguration", "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    WEBSITE(
            Kind.WEBSITE,
            "WebsiteConfiguration",
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration"),
    LIFECYCLE(
            Kind.LIFECYCLE,
            "LifecycleConfiguration",
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist"),
    TAGGING(Kind.TAGGING, "Tagging", "NoSuchTagSet", "The TagSet does not exist"),
    ENCRYPTION(
            Kind.ENCRYPTION,
            "ServerSideEncryptionConfiguration",
            "ServerSideEncryptionConfigurationNotFoundError",
            "The server side encryption configuration was not found"),
    REPLICATION(
            Kind.REPLICATION,
            "ReplicationConfiguration",
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found"),
    LOGGING(Kind.LOGGING, "BucketLoggingStatus", null, null),
    NOTIFICATION(Kind.NOTIFICATION, "NotificationConfiguration", null, null),
    REQUEST_PAYMENT(Kind.REQUEST_PAYMENT, "RequestPaymentConfiguration", null, null),
    ACCELERATE(Kind.ACCELERATE, "AccelerateConfiguration", null, null);

    /** The rules that get an id if they come without one, with the name of its element. */
    private static final Map<String, String> IDS = Map.of(
            "LIFECYCLE/Rule", "ID",
            "NOTIFICATION/QueueConfiguration", "Id",
            "NOTIFICATION/TopicConfiguration", "Id",
            "NOTIFICATION/CloudFunctionConfiguration", "Id",
            "REPLICATION/Rule", "ID");

    private final Kind kind;
    private final String root;
    private final @Nullable String code;
    private final @Nullable String message;

    /**
     * @param code of the error where there is none; null if an empty document is the answer
     */
    Setting(Kind kind, String root, @Nullable String code, @Nullable String message) {
        this.kind = kind;
        this.root = root;
        this.code = code;
        this.message = message;
    }

    Kind kind() {
        return kind;
    }

    /** Name of the document's root. */
    String root() {
        return root;
    }

    /** The name of the id of a child that must have one; null for others. */
    @Nullable
    String idOf(String child) {
        return IDS.get(name() + "/" + child);
    }

    /** Says that there is none, or what holds without one. */
    void answerMissing(S3Request request, Bucket bucket) {
        if (code != null && message != null) {
            throw new S3WireException.NotConfigured(code, message, bucket.name());
        }
        var xml = new XmlWriter(root, S3Request.NAMESPACE);
        if (this == REQUEST_PAYMENT) {
            xml.text("Payer", "BucketOwner");
        }
        request.answer(xml);
    }
}
