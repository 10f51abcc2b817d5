package jarrah.s3.wire;

import jarrah.http.Body;
import jarrah.http.ByteRange;
import jarrah.http.ETag;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.HttpDate;
import jarrah.http.ResponseBody;
import jarrah.http.ResponseHead;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.ByteSink;
import jarrah.s3.store.Checksum;
import jarrah.s3.store.ObjectReader;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** GetObject, HeadObject. */
final class ObjectReads {
    private final S3Store store;
    private final Access access;
    private final EncryptionHeaders encryption;
    private final ExpirationHeader expiration;
    private final Archives archives;

    ObjectReads(
            S3Store store,
            Access access,
            EncryptionHeaders encryption,
            ExpirationHeader expiration,
            Archives archives) {
        this.store = store;
        this.access = access;
        this.encryption = encryption;
        this.expiration = expiration;
        this.archives = archives;
    }

    /**
     * The part of an object that a request is answered with.
     *
     * @param status 200, or 206 for less than all
     * @param contentRange value of the field; null for all
     */
    private record Slice(
            int status, long offset, long length, @Nullable String contentRange) {}

    void get(S3Request request) throws IOException {
        read(request, true);
    }

    void head(S3Request request) throws IOException {
        read(request, false);
    }

    private void read(S3Request request, boolean withBody) throws IOException {
        if (MetadataHeaders.overrides(request) && request.anonymous()) {
            throw new S3Exception.InvalidRequest(
                    "Request specific response headers cannot be used for anonymous GET requests.");
        }
        EncryptionHeaders.requireNone(request.headers());
        Bucket bucket = access.bucketOfObject(request);
        try (ObjectReader reader = open(request, bucket)) {
            StoredObject object = reader.object();
            require(request, bucket, reader, withBody);
            switch (ConditionHeaders.ofRead(request).judge(object.etag(), object.lastModified())) {
                case FAILED -> throw new S3Exception.PreconditionFailed(failedCondition(request));
                case NOT_MODIFIED -> notModified(request, bucket, object);
                case PROCEED -> answer(request, bucket, reader, slice(request, reader), withBody);
            }
        }
    }

    /** Passes if the caller may read the object, or only what is told of it without its bytes. */
    private void require(S3Request request, Bucket bucket, ObjectReader reader, boolean withBody) {
        StoredObject object = reader.object();
        access.requireObject(request, bucket, object, Acl.Permission.READ);
        reader.unlock(encryption.customerKey(request));
        if (withBody) {
            archives.requireReadable(object);
            encryption.requireRead(request, object.encryption());
        }
    }

    /** The object, open, if a GetObject of the caller would be answered with it. */
    ObjectReader readable(S3Request request) {
        Bucket bucket = access.bucketOfObject(request);
        ObjectReader reader = open(request, bucket);
        try {
            require(request, bucket, reader, true);
            return reader;
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /**
     * Answers with an object as a page of a website, or sends the browser where the object says.
     *
     * @param status of the answer: 200, or that of an error whose page this is
     */
    void page(S3Request request, int status) throws IOException {
        Bucket bucket = access.bucketOfObject(request);
        boolean withBody = request.exchange().request().method().equals("GET");
        try (ObjectReader reader = open(request, bucket)) {
            StoredObject object = reader.object();
            access.requireObject(request, bucket, object, Acl.Permission.READ);
            reader.unlock(Optional.empty());
            archives.requireReadable(object);
            String elsewhere = object.metadata().headers().get("x-amz-website-redirect-location");
            if (elsewhere != null && status == 200) {
                ResponseHead head = request.head(301);
                head.headers().add("Location", elsewhere);
                request.answer(head, Body.EMPTY);
                return;
            }
            if (status == 200) {
                switch (ConditionHeaders.ofRead(request).judge(object.etag(), object.lastModified())) {
                    case FAILED -> throw new S3Exception.PreconditionFailed(failedCondition(request));
                    case NOT_MODIFIED -> notModified(request, bucket, object);
                    case PROCEED -> answer(request, bucket, reader, slice(request, reader), withBody);
                }
                return;
            }
            answer(request, bucket, reader, new Slice(status, 0, object.size(), null), withBody);
        }
    }

    private static String failedCondition(S3Request request) {
        return request.header("If-Match") != null ? "If-Match" : "If-Unmodified-Since";
    }

    private ObjectReader open(S3Request request, Bucket bucket) {
        try {
            return store.objects().open(bucket.name(), request.key(), Versions.asked(request));
        } catch (S3Exception.NoSuchKey e) {
            throw access.missing(request, bucket, e);
        }
    }

    private static void notModified(S3Request request, Bucket bucket, StoredObject object) {
        ResponseHead head = request.head(304);
        validators(object, head.headers());
        Versions.write(bucket, object, head.headers());
        String cacheControl = object.metadata().headers().get("cache-control");
        if (cacheControl != null) {
            head.headers().add("Cache-Control", cacheControl);
        }
        request.answer(head, Body.EMPTY);
    }

    private static void validators(StoredObject object, Headers headers) {
        headers.add("ETag", "\"" + object.etag() + "\"").add("Last-Modified", HttpDate.format(object.lastModified()));
    }

    private void answer(S3Request request, Bucket bucket, ObjectReader reader, Slice slice, boolean withBody)
            throws IOException {
        StoredObject object = reader.object();
        ResponseHead head = request.head(slice.status());
        Headers headers = head.headers();
        validators(object, headers);
        Versions.write(bucket, object, headers);
        if (Versions.asked(request) == null) {
            expiration.write(bucket, object, headers);
        }
        headers.add("Accept-Ranges", "bytes");
        MetadataHeaders.write(object.metadata(), request, headers);
        LockHeaders.write(object.lock(), headers);
        archives.write(object, headers);
        object.replication()
                .ifPresent(there ->
                        headers.add("x-amz-replication-status", there.status().name()));
        EncryptionHeaders.write(object.encryption(), headers);
        if (!object.tags().isEmpty()) {
            headers.add("x-amz-tagging-count", Integer.toString(object.tags().size()));
        }
        if (slice.contentRange() != null) {
            headers.add("Content-Range", slice.contentRange());
        }
        if (request.query().has("partNumber") && object.parts() > 0) {
            headers.add("x-amz-mp-parts-count", Integer.toString(object.parts()));
        }
        if ("ENABLED".equalsIgnoreCase(request.header("x-amz-checksum-mode"))) {
            ChecksumHeaders.write(checksum(request, reader, slice), headers);
        }
        if (!withBody) {
            request.answer(head, new Body.LengthOnly(slice.length()));
        } else if (slice.length() == 0) {
            request.answer(head, Body.EMPTY);
        } else {
            send(request.exchange(), head, reader, slice);
        }
    }

    /** The whole object's goes with the whole object only, a part's with the part; a range has none. */
    private Optional<Checksum> checksum(S3Request request, ObjectReader reader, Slice slice) {
        StoredObject object = reader.object();
        if (!request.query().has("partNumber") || object.parts() == 0) {
            return slice.contentRange() == null || slice.length() == object.size()
                    ? object.checksum()
                    : Optional.empty();
        }
        int after = PartNumbers.of(request.query().get("partNumber", "")) - 1;
        return store.objects().parts(reader, after, 1).stream()
                .flatMap(part -> part.checksum().stream())
                .map(part -> new Checksum(
                        part.algorithm(), object.checksum().map(Checksum::type).orElse(part.type()), part.value()))
                .findFirst();
    }

    private static Slice slice(S3Request request, ObjectReader reader) {
        StoredObject object = reader.object();
        long size = object.size();
        String range = request.header("Range");
        if (request.query().has("partNumber")) {
            if (range != null) {
                throw new S3Exception.InvalidRequest("Cannot specify both Range header and partNumber query parameter");
            }
            return part(request, reader);
        }
        Optional<List<ByteRange.Spec>> specs = range == null ? Optional.empty() : ByteRange.parse(range);
        // S3 serves one range; what asks for several, or asks badly, gets the whole object.
        if (specs.isEmpty() || specs.get().size() != 1 || !ifRangeHolds(request, object)) {
            return new Slice(200, 0, size, null);
        }
        List<ByteRange> ranges = ByteRange.resolve(specs.get(), size);
        if (ranges.isEmpty()) {
            throw new S3Exception.InvalidRange(String.valueOf(range), size);
        }
        ByteRange one = ranges.getFirst();
        return new Slice(206, one.first(), one.length(), one.contentRange(size));
    }

    private static Slice part(S3Request request, ObjectReader reader) {
        int number = PartNumbers.of(request.query().get("partNumber", ""));
        long size = reader.object().size();
        ObjectReader.Range range = reader.part(number);
        if (range.length() == 0) {
            return new Slice(206, 0, 0, null);
        }
        var bytes = new ByteRange(range.offset(), range.offset() + range.length() - 1);
        return new Slice(206, range.offset(), range.length(), bytes.contentRange(size));
    }

    /** RFC 9110, 13.1.5: a range only of what the client has the rest of. */
    private static boolean ifRangeHolds(S3Request request, StoredObject object) {
        String value = request.header("If-Range");
        if (value == null) {
            return true;
        }
        Optional<ETag> tag = ETag.parse(value);
        if (tag.isPresent()) {
            return tag.get().strongMatches(ETag.strong(object.etag()));
        }
        Instant modified = object.lastModified().truncatedTo(ChronoUnit.SECONDS);
        return HttpDate.parse(value).map(modified::equals).orElse(false);
    }

    private static void send(Exchange exchange, ResponseHead head, ObjectReader reader, Slice slice)
            throws IOException {
        try (var sink = new LateSink(exchange, head, slice.length())) {
            reader.send(slice.offset(), slice.length(), sink);
        }
    }

    /** Sends the head with the first verified bytes, so that damage found before them can still be told as an error. */
    private static final class LateSink implements ByteSink, AutoCloseable {
        private final Exchange exchange;
        private final ResponseHead head;
        private final long length;
        private @Nullable ResponseBody body;

        LateSink(Exchange exchange, ResponseHead head, long length) {
            this.exchange = exchange;
            this.head = head;
            this.length = length;
        }

        private ResponseBody body() throws IOException {
            ResponseBody open = body;
            if (open == null) {
                open = exchange.stream(head, length);
                body = open;
            }
            return open;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            // Small objects are in memory as a whole: one hand-over, no waiting.
            if (body == null && bytes.remaining() == length) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                exchange.send(head, Body.of(copy));
                return;
            }
            body().write(bytes);
        }

        @Override
        public void transfer(FileChannel file, long position, long count) throws IOException {
            body().transfer(file, position, count);
        }

        @Override
        public void close() throws IOException {
            if (body != null) {
                body.close();
            }
        }
    }
}
