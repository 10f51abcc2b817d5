package jarrah.s3.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The condition of a put, a completion or a deletion, checked in the transaction that makes the change. It is about the
 * current version, or about the one that a deletion names.
 *
 * @param ifMatch ETags, with or without quotes, or {@code *}
 * @param ifNoneMatch ETags or {@code *}; AWS documents the asterisk alone
 * @param ifSize bytes; of deletions only
 * @param ifModified when it was put, to the second; of deletions only
 */
public record WriteCondition(
        Optional<String> ifMatch, Optional<String> ifNoneMatch, Optional<Long> ifSize, Optional<Instant> ifModified) {
    public static final WriteCondition NONE = new WriteCondition(Optional.empty(), Optional.empty());

    /** One about ETags alone. */
    public WriteCondition(Optional<String> ifMatch, Optional<String> ifNoneMatch) {
        this(ifMatch, ifNoneMatch, Optional.empty(), Optional.empty());
    }

    /**
     * Passes or throws, for a put.
     *
     * @param current the object that is there; null if there is none or it is deleted
     * @throws S3Exception.PreconditionFailed if it is not as the condition says
     * @throws S3Exception.NoSuchKey if ifMatch is given and there is no object
     */
    void requireForPut(String key, @Nullable StoredObject current) {
        if (ifNoneMatch.isPresent() && current != null && ETags.matches(ifNoneMatch.get(), current.etag())) {
            throw new S3Exception.PreconditionFailed("If-None-Match");
        }
        if (ifMatch.isPresent()) {
            if (current == null) {
                throw new S3Exception.NoSuchKey(key);
            }
            requireMatch(current);
        }
    }

    /**
     * Passes or throws, for a deletion of what is there; what is not there is deleted already, whatever was expected of
     * it.
     *
     * @throws S3Exception.PreconditionFailed if it is not as the condition says
     */
    void requireForDelete(StoredObject there) {
        requireMatch(there);
        if (ifSize.isPresent() && ifSize.get() != there.size()) {
            throw new S3Exception.PreconditionFailed("x-amz-if-match-size");
        }
        Instant modified = there.lastModified().truncatedTo(ChronoUnit.SECONDS);
        if (ifModified.isPresent()
                && !ifModified.get().truncatedTo(ChronoUnit.SECONDS).equals(modified)) {
            throw new S3Exception.PreconditionFailed("x-amz-if-match-last-modified-time");
        }
    }

    private void requireMatch(StoredObject there) {
        if (ifMatch.isPresent() && !ETags.matches(ifMatch.get(), there.etag())) {
            throw new S3Exception.PreconditionFailed("If-Match");
        }
    }
}
