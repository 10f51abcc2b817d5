package jarrah.s3.wire;

import jarrah.http.HttpDate;
import jarrah.s3.store.ReadCondition;
import jarrah.s3.store.WriteCondition;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditional requests, as S3 has them. */
final class ConditionHeaders {
    private ConditionHeaders() {}

    /** Those of a get or head. */
    static ReadCondition ofRead(S3Request request) {
        return read(request, "If-");
    }

    /** Those on the source of a copy. */
    static ReadCondition ofCopySource(S3Request request) {
        return read(request, "x-amz-copy-source-if-");
    }

    private static ReadCondition read(S3Request request, String prefix) {
        return new ReadCondition(
                Optional.ofNullable(request.header(prefix + "Match")),
                Optional.ofNullable(request.header(prefix + "None-Match")),
                date(request.header(prefix + "Modified-Since")),
                date(request.header(prefix + "Unmodified-Since")));
    }

    /** A date that cannot be read is no condition (RFC 9110, 13.1.3). */
    private static Optional<Instant> date(@Nullable String value) {
        return value == null ? Optional.empty() : HttpDate.parse(value);
    }

    /** Those of a put, a completion or a copy's destination. */
    static WriteCondition ofWrite(S3Request request) {
        if (request.header("If-Modified-Since") != null || request.header("If-Unmodified-Since") != null) {
            throw new S3WireException.NotImplemented("If-Modified-Since");
        }
        return new WriteCondition(
                Optional.ofNullable(request.header("If-Match")), Optional.ofNullable(request.header("If-None-Match")));
    }

    /** Those of a deletion. */
    static WriteCondition ofDelete(S3Request request) {
        if (request.header("If-None-Match") != null) {
            throw new S3WireException.NotImplemented("If-None-Match");
        }
        return ofDelete(
                request.header("If-Match"),
                request.header("x-amz-if-match-size"),
                request.header("x-amz-if-match-last-modified-time"));
    }

    /** Those of one of many deletions, as its document has them. */
    static WriteCondition ofDelete(@Nullable String etag, @Nullable String size, @Nullable String modified) {
        if (etag == null && size == null && modified == null) {
            return WriteCondition.NONE;
        }
        return new WriteCondition(
                Optional.ofNullable(etag), Optional.empty(), Optional.ofNullable(size(size)), modified(modified));
    }

    private static @Nullable Long size(@Nullable String text) {
        try {
            return text == null ? null : Long.valueOf(text.strip());
        } catch (NumberFormatException e) {
            throw new S3WireException.InvalidArgument("The size is not a number", "x-amz-if-match-size", text);
        }
    }

    private static Optional<Instant> modified(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        Optional<Instant> time = HttpDate.parse(text.strip()).or(() -> Optional.ofNullable(LockHeaders.time(text)));
        if (time.isEmpty()) {
            throw new S3WireException.InvalidArgument(
                    "The time is not a date", "x-amz-if-match-last-modified-time", text);
        }
        return time;
    }
}
