package jarrah.s3.wire;

import jarrah.aws.AwsException;
import jarrah.aws.SignedBody;
import jarrah.aws.XmlElement;
import jarrah.aws.XmlWriter;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.Objects;
import jarrah.s3.store.Removal;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.VersionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** DeleteObjects. */
final class ManyDeletions {
    private static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
    private static final int MAX_DELETIONS = 1_000;

    private final S3Store store;
    private final Access access;
    private final EventHooks events;

    ManyDeletions(S3Store store, Access access, EventHooks events) {
        this.store = store;
        this.access = access;
        this.events = events;
    }

    /**
     * One line of a delete document.
     *
     * @param versionId as the client wrote it
     * @param deletion null if it cannot be carried out
     * @param refused why it cannot
     */
    private record Line(
            String key,
            @Nullable String versionId,
            Objects.@Nullable Deletion deletion,
            Optional<AwsException> refused) {}

    void deleteAll(S3Request request) throws IOException {
        Bucket bucket = access.bucketOfObject(request);
        SignedBody body = request.body();
        var digests = ChecksumHeaders.of(request, body);
        byte[] document = request.checkedDocument(body, digests, MAX_DOCUMENT_BYTES);
        XmlElement root = S3Request.xml(document, "Delete");
        List<Line> lines = lines(request, bucket, root);
        boolean quiet = "true".equalsIgnoreCase(root.childText("Quiet"));
        var deletions = new ArrayList<Objects.Deletion>();
        for (Line line : lines) {
            if (line.deletion() != null) {
                deletions.add(line.deletion());
            }
        }
        List<Objects.Outcome> outcomes = store.objects().deleteAll(bucket.name(), deletions);
        for (int i = 0; i < outcomes.size(); i++) {
            events.removed(
                    request, bucket, deletions.get(i).key(), outcomes.get(i).removal());
        }
        request.answer(result(lines, outcomes, quiet));
    }

    private List<Line> lines(S3Request request, Bucket bucket, XmlElement root) {
        boolean bypass = ObjectLockOperations.bypassesGovernance(request, bucket, access);
        List<XmlElement> objects = root.children("Object");
        if (objects.isEmpty() || objects.size() > MAX_DELETIONS) {
            throw new S3WireException.MalformedXml();
        }
        var lines = new ArrayList<Line>(objects.size());
        for (XmlElement object : objects) {
            XmlElement key = object.child("Key");
            if (key == null || key.text().isEmpty()) {
                throw new S3WireException.MalformedXml();
            }
            String versionId = object.childText("VersionId");
            VersionId version = versionId == null ? null : VersionId.parse(versionId);
            var condition = ConditionHeaders.ofDelete(
                    object.childText("ETag"), object.childText("Size"), object.childText("LastModifiedTime"));
            Optional<AwsException> refused = versionId != null && version == null
                    ? Optional.of(new S3Exception.NoSuchVersion(key.text(), versionId))
                    : access.mayDelete(request, bucket, key.text(), versionId)
                            ? Optional.empty()
                            : Optional.of(new S3WireException.AccessDenied());
            lines.add(new Line(
                    key.text(),
                    versionId,
                    refused.isPresent()
                            ? null
                            : new Objects.Deletion(key.text(), Optional.ofNullable(version), condition, bypass),
                    refused));
        }
        return lines;
    }

    private static XmlWriter result(List<Line> lines, List<Objects.Outcome> outcomes, boolean quiet) {
        var xml = new XmlWriter("DeleteResult", S3Request.NAMESPACE);
        int next = 0;
        for (Line line : lines) {
            if (line.refused().isPresent()) {
                error(xml, line, line.refused().get());
                continue;
            }
            Objects.Outcome outcome = outcomes.get(next++);
            if (outcome.refusal().isPresent()) {
                error(xml, line, outcome.refusal().get());
            } else if (!quiet) {
                deleted(xml, line, outcome.removal());
            }
        }
        return xml;
    }

    private static void error(XmlWriter xml, Line line, AwsException failure) {
        xml.start("Error").text("Key", line.key());
        if (line.versionId() != null) {
            xml.text("VersionId", line.versionId());
        }
        xml.text("Code", failure.code()).text("Message", failure.text()).end();
    }

    private static void deleted(XmlWriter xml, Line line, Removal removal) {
        xml.start("Deleted").text("Key", line.key());
        if (line.versionId() != null) {
            xml.text("VersionId", line.versionId());
        }
        if (removal.deleteMarker() && removal.version() != null) {
            xml.text("DeleteMarker", true)
                    .text("DeleteMarkerVersionId", removal.version().text());
        }
        xml.end();
    }
}
