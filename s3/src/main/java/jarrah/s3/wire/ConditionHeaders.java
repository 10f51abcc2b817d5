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

    /** Those of a put, a completion or a deletion. */
    static WriteCondition ofWrite(S3Request request) {
        String ifNoneMatch = request.header("If-None-Match");
        if (ifNoneMatch != null && !ifNoneMatch.strip().equals("*")) {
            throw new S3WireException.NotImplemented("If-None-Match");
        }
        if (request.header("If-Modified-Since") != null || request.header("If-Unmodified-Since") != null) {
            throw new S3WireException.NotImplemented("If-Modified-Since");
        }
        return new WriteCondition(Optional.ofNullable(request.header("If-Match")), Optional.ofNullable(ifNoneMatch));
    }
}
