package jarrah.s3.wire;

import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.http.Body;
import jarrah.http.ResponseHead;
import jarrah.s3.S3Settings;
import jarrah.s3.remote.RemoteBucket;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.remote.RemoteException;
import jarrah.s3.settings.BucketEncryption;
import jarrah.s3.settings.CorsRules;
import jarrah.s3.settings.KeptConfiguration;
import jarrah.s3.settings.Lifecycle;
import jarrah.s3.settings.Logging;
import jarrah.s3.settings.Notification;
import jarrah.s3.settings.Replication;
import jarrah.s3.settings.SettingsException;
import jarrah.s3.settings.TagSet;
import jarrah.s3.settings.Website;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.Versioning;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Puts, gives and deletes the documents that say how a bucket behaves: CORS, website, lifecycle, tags, encryption,
 * logging, notification, replication, request payment, acceleration; analytics, inventory, metrics and tiering.
 *
 * <p>A document is kept in the form in which it is given back: elements and texts as they came, ids added where S3 adds
 * them.
 */
final class SettingOperations {
    private static final int MAX_DOCUMENT_BYTES = 512 * 1024;
    private static final int LIST_PAGE = 100;
    private static final String MINIMUM_SIZE = "TransitionDefaultMinimumObjectSize";
    private static final String MINIMUM_SIZE_HEADER = "x-amz-transition-default-minimum-object-size";
    private static final String ALL_128K = "all_storage_classes_128K";

    private final S3Store store;
    private final BucketSettings documents;
    private final Access access;
    private final S3Settings settings;
    private final EventHooks events;
    private final RemoteBuckets remotes;

    SettingOperations(S3Store store, Access access, S3Settings settings, EventHooks events, RemoteBuckets remotes) {
        this.store = store;
        this.documents = store.settings();
        this.access = access;
        this.settings = settings;
        this.events = events;
        this.remotes = remotes;
    }

    /** Keeps a document of which a bucket has one. */
    void put(S3Request request, Setting setting) throws IOException {
        Bucket bucket = access.bucket(request, null);
        XmlElement document = document(request, setting.root());
        XmlWriter kept = new XmlWriter(setting.root(), S3Request.NAMESPACE);
        switch (setting) {
            case CORS -> CorsRules.of(document);
            case WEBSITE -> Website.of(document);
            case TAGGING -> TagSet.of(document, TagSet.MAX_OF_BUCKET);
            case ENCRYPTION -> BucketEncryption.of(document);
            case REPLICATION -> requireReplicable(bucket, Replication.of(document));
            case LOGGING -> {
                if (!Access.isOwners(request, bucket)) {
                    throw new S3WireException
                            .AccessDenied(); // "you must be the bucket owner" (PutBucketLogging, S3 API)
                }
                requireLoggable(bucket, Logging.of(document));
            }
            case REQUEST_PAYMENT -> requireWord(document, "Payer", Set.of("BucketOwner", "Requester"));
            case ACCELERATE -> requireAccelerable(bucket, document);
            case NOTIFICATION -> requireTargets(request, Notification.of(document, _ -> newId()));
            case LIFECYCLE -> {
                Lifecycle.of(document, _ -> newId(), settings.longDays());
                answerMinimumSize(request, bucket, document);
                return;
            }
        }
        copy(document, kept, setting);
        documents.put(bucket.name(), setting.kind(), kept.bytes(), there -> requireFit(setting, there));
        if (setting == Setting.NOTIFICATION) {
            events.test(request, bucket, Notification.of(document, _ -> newId()));
        }
        request.answer(200);
    }

    private static String newId() {
        return UUID.randomUUID().toString();
    }

    private XmlElement document(S3Request request, String root) throws IOException {
        var body = request.body();
        byte[] bytes = request.checkedDocument(body, ChecksumHeaders.of(request, body), MAX_DOCUMENT_BYTES);
        return S3Request.xml(bytes, root);
    }

    // The default for small objects is no part of the document; it comes and goes in a header.
    private void answerMinimumSize(S3Request request, Bucket bucket, XmlElement document) {
        String size = request.header(MINIMUM_SIZE_HEADER);
        if (size != null && !Set.of(ALL_128K, "varies_by_storage_class").contains(size)) {
            throw new S3WireException.InvalidArgument(
                    "Invalid TransitionDefaultMinimumObjectSize found: " + size, MINIMUM_SIZE_HEADER, size);
        }
        var kept = new XmlWriter(Setting.LIFECYCLE.root(), S3Request.NAMESPACE);
        copy(document, kept, Setting.LIFECYCLE);
        kept.text(MINIMUM_SIZE, size == null ? ALL_128K : size);
        documents.put(bucket.name(), Kind.LIFECYCLE, kept.bytes(), _ -> {});
        ResponseHead head = request.head(200);
        head.headers().add(MINIMUM_SIZE_HEADER, size == null ? ALL_128K : size);
        request.answer(head, Body.EMPTY);
    }

    /** Copies the children, with an id for those rules that S3 gives one. */
    private static void copy(XmlElement from, XmlWriter to, Setting setting) {
        for (XmlElement child : from.children()) {
            String idName = setting.idOf(child.name());
            boolean fresh =
                    idName != null && String.valueOf(child.childText(idName)).matches("|null");
            start(to, child);
            if (fresh) {
                to.text(String.valueOf(idName), newId());
            }
            for (XmlElement grandchild : child.children()) {
                if (!fresh || !grandchild.name().equals(idName)) {
                    write(to, grandchild);
                }
            }
            if (child.children().isEmpty() && !fresh) {
                to.content(child.text());
            }
            to.end();
        }
    }

    private static void write(XmlWriter to, XmlElement element) {
        start(to, element);
        if (element.children().isEmpty()) {
            to.content(element.text());
        }
        element.children().forEach(child -> write(to, child));
        to.end();
    }

    private static void start(XmlWriter to, XmlElement element) {
        String type = element.type();
        if (type == null) {
            to.start(element.name());
        } else {
            to.startTyped(element.name(), type);
        }
    }

    private static void requireWord(XmlElement document, String name, Set<String> words) {
        String word = document.childText(name);
        if (word == null || !words.contains(word) || document.children().size() != 1) {
            throw new S3WireException.MalformedXml();
        }
    }

    private static void requireAccelerable(Bucket bucket, XmlElement document) {
        requireWord(document, "Status", Set.of("Enabled", "Suspended"));
        if (bucket.name().contains(".")) {
            throw new SettingsException.InvalidRequest(
                    "S3 Transfer Acceleration is not supported for buckets with" + " periods (.) in their names");
        }
    }

    private static void requireFit(Setting setting, Bucket bucket) {
        if (setting == Setting.REPLICATION && bucket.versioning() != Versioning.ENABLED) {
            throw new SettingsException.InvalidRequest(
                    "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
        }
    }

    private void requireReplicable(Bucket bucket, Replication replication) {
        requireFit(Setting.REPLICATION, bucket);
        var asked = new HashSet<RemoteBucket>();
        for (Replication.Rule rule : replication.rules()) {
            Optional<RemoteBucket> remote = remotes.find(rule.bucket(), bucket.accountId());
            if (remote.isPresent()) {
                RemoteBucket owned = remote.get().ownedBy(rule.account());
                if (asked.add(owned)) {
                    requireReplicable(owned);
                }
                continue;
            }
            if (rule.bucket().equals(bucket.name())) {
                throw new SettingsException.InvalidRequest(
                        "Destination bucket cannot be the same as the source bucket.");
            }
            Bucket destination;
            try {
                destination = store.buckets().get(rule.bucket());
            } catch (S3Exception.NoSuchBucket missing) {
                throw new SettingsException.InvalidRequest("Destination bucket must exist.");
            }
            if (destination.versioning() != Versioning.ENABLED) {
                throw new SettingsException.InvalidRequest("Destination bucket must have versioning enabled.");
            }
            if (rule.account().isPresent() && !rule.account().get().equals(destination.accountId())) {
                throw new SettingsException.InvalidRequest(
                        "The account specified in the Destination does not own the destination bucket.");
            }
        }
    }

    /** Asks the other endpoint, which is to know the bucket and keep its versions. */
    private static void requireReplicable(RemoteBucket remote) {
        String versioning;
        try {
            versioning = remote.versioning();
        } catch (RemoteException failed) {
            throw switch (failed.kind()) {
                case REFUSED ->
                    new SettingsException.InvalidRequest(
                            failed.status() == 404
                                    ? "Destination bucket must exist."
                                    : "Destination bucket " + remote + " cannot be asked for its versioning: "
                                            + failed.getMessage());
                case NOT_NOW, UNREACHABLE -> new S3WireException.RemoteUnavailable(remote + ": " + failed.getMessage());
            };
        }
        if (!versioning.equals("Enabled")) {
            throw new SettingsException.InvalidRequest("Destination bucket must have versioning enabled.");
        }
    }

    private void requireLoggable(Bucket bucket, Logging logging) {
        if (logging.target().isEmpty()) {
            return;
        }
        String name = logging.target().get();
        Bucket target;
        try {
            target = store.buckets().get(name);
        } catch (jarrah.s3.store.S3Exception.NoSuchBucket missing) {
            throw new SettingsException.InvalidTargetBucketForLogging(
                    "The target bucket for logging does not exist", name);
        }
        if (!target.accountId().equals(bucket.accountId())) {
            throw new SettingsException.InvalidTargetBucketForLogging(
                    "The owner for the bucket to be logged and the target bucket must be the same.", name);
        }
    }

    private void requireTargets(S3Request request, Notification notification) {
        boolean skip = "true".equalsIgnoreCase(request.header("x-amz-skip-destination-validation"));
        for (Notification.Target target : notification.targets()) {
            if (!skip && settings.destination(target.name()).isEmpty()) {
                throw new S3WireException.InvalidArgument(
                        "Unable to validate the following destination configurations", target.arn(), "null");
            }
        }
    }

    /** Gives the document back, or what S3 says where there is none. */
    void get(S3Request request, Setting setting) {
        Bucket bucket = access.bucket(request, null);
        byte[] document = documents.get(bucket.name(), setting.kind()).orElse(null);
        if (document == null) {
            setting.answerMissing(request, bucket);
            return;
        }
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "application/xml");
        request.answer(head, Body.of(setting == Setting.LIFECYCLE ? withoutSize(document, head) : document));
    }

    private static byte[] withoutSize(byte[] document, ResponseHead head) {
        XmlElement root = S3Request.xml(document, Setting.LIFECYCLE.root());
        head.headers().add(MINIMUM_SIZE_HEADER, String.valueOf(root.childText(MINIMUM_SIZE)));
        var xml = new XmlWriter(Setting.LIFECYCLE.root(), S3Request.NAMESPACE);
        root.children("Rule").forEach(rule -> write(xml, rule));
        return xml.bytes();
    }

    void delete(S3Request request, Setting setting) {
        Bucket bucket = access.bucket(request, null);
        documents.delete(bucket.name(), setting.kind());
        request.answer(204);
    }

    // --- several of a kind -------------------------------------------------------------------

    /** What the parameter {@code id} names. */
    private static String id(S3Request request) {
        String id = request.query().get("id", "");
        KeptConfiguration.requireId(id);
        return id;
    }

    void putNamed(S3Request request, Kind kind, String root) throws IOException {
        Bucket bucket = access.bucket(request, null);
        String id = id(request);
        XmlElement document = document(request, root);
        KeptConfiguration.require(document, id);
        if (documents.get(bucket.name(), kind, id).isEmpty()
                && documents
                                .list(bucket.name(), kind, "", KeptConfiguration.MAX)
                                .size()
                        >= KeptConfiguration.MAX) {
            throw new S3WireException.TooManyConfigurations();
        }
        var kept = new XmlWriter(root, S3Request.NAMESPACE);
        document.children().forEach(child -> write(kept, child));
        documents.put(bucket.name(), kind, id, kept.bytes(), _ -> {});
        request.answer(kind == Kind.INVENTORY || kind == Kind.METRICS || kind == Kind.ANALYTICS ? 204 : 200);
    }

    void getNamed(S3Request request, Kind kind) {
        Bucket bucket = access.bucket(request, null);
        byte[] document = documents.get(bucket.name(), kind, id(request)).orElseThrow(() -> noSuch(bucket));
        ResponseHead head = request.head(200);
        head.headers().add("Content-Type", "application/xml");
        request.answer(head, Body.of(document));
    }

    void deleteNamed(S3Request request, Kind kind) {
        Bucket bucket = access.bucket(request, null);
        String id = id(request);
        if (documents.get(bucket.name(), kind, id).isEmpty()) {
            throw noSuch(bucket);
        }
        documents.delete(bucket.name(), kind, id);
        request.answer(204);
    }

    private static S3WireException noSuch(Bucket bucket) {
        return new S3WireException.NotConfigured(
                "NoSuchConfiguration", "The specified configuration does not exist.", bucket.name());
    }

    void listNamed(S3Request request, Kind kind, String root) {
        Bucket bucket = access.bucket(request, null);
        @Nullable String token = request.query().get("continuation-token");
        List<BucketSettings.Named> found =
                documents.list(bucket.name(), kind, token == null ? "" : BucketOperations.unpack(token), LIST_PAGE + 1);
        boolean more = found.size() > LIST_PAGE;
        var xml = new XmlWriter("List" + root + "sResult", S3Request.NAMESPACE);
        for (BucketSettings.Named named : found.subList(0, Math.min(LIST_PAGE, found.size()))) {
            write(xml, S3Request.xml(named.document(), root));
        }
        xml.text("IsTruncated", more);
        if (token != null) {
            xml.text("ContinuationToken", token);
        }
        if (more) {
            xml.text(
                    "NextContinuationToken",
                    BucketOperations.pack(found.get(LIST_PAGE - 1).id()));
        }
        request.answer(xml);
    }
}
