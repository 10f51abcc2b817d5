package jarrah.s3.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The condition of a put, a completion or a deletion, checked in the transaction that makes the change.
 *
 * @param ifMatch an ETag, with or without quotes, or {@code *}: the object exists and has it. Else 412, or 404 if there
 *     is no object
 * @param ifNoneMatch only {@code *} on S3: the object must not exist. Else 412
 */
public record WriteCondition(Optional<String> ifMatch, Optional<String> ifNoneMatch) {
    public static final WriteCondition NONE = new WriteCondition(Optional.empty(), Optional.empty());

    /**
     * Passes or throws.
     *
     * @param etag of the object that is there; null if there is none
     * @throws S3Exception.PreconditionFailed if it is not as the condition says
     * @throws S3Exception.NoSuchKey if ifMatch is given and there is no object
     */
    public void require(String key, @Nullable String etag) {
        if (ifNoneMatch.isPresent() && etag != null && ETags.matches(ifNoneMatch.get(), etag)) {
            throw new S3Exception.PreconditionFailed("If-None-Match");
        }
        if (ifMatch.isPresent()) {
            if (etag == null) {
                throw new S3Exception.NoSuchKey(key);
            }
            if (!ETags.matches(ifMatch.get(), etag)) {
                throw new S3Exception.PreconditionFailed("If-Match");
            }
        }
    }
}
