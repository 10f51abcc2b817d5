package jarrah.s3.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The conditions of a get, a head or the source of a copy; entity tags as the header has them: a list, with or without
 * quotes, or {@code *}. Dates are compared by whole seconds.
 */
public record ReadCondition(
        Optional<String> ifMatch,
        Optional<String> ifNoneMatch,
        Optional<Instant> ifModifiedSince,
        Optional<Instant> ifUnmodifiedSince) {
    public static final ReadCondition NONE =
            new ReadCondition(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** What the conditions say of an object. */
    public enum Verdict {
        PROCEED,
        /** 304 for a get or head; a copy treats it as FAILED. */
        NOT_MODIFIED,
        /** 412. */
        FAILED
    }

    /** Judges as RFC 9110, 13.2.2 orders: a condition on tags takes the place of the one on dates. */
    public Verdict judge(String etag, Instant lastModified) {
        Instant modified = lastModified.truncatedTo(ChronoUnit.SECONDS);
        boolean matches = ifMatch.isPresent()
                ? ETags.matches(ifMatch.get(), etag)
                : ifUnmodifiedSince.isEmpty() || !modified.isAfter(ifUnmodifiedSince.get());
        if (!matches) {
            return Verdict.FAILED;
        }
        boolean changed = ifNoneMatch.isPresent()
                ? !ETags.matches(ifNoneMatch.get(), etag)
                : ifModifiedSince.isEmpty() || modified.isAfter(ifModifiedSince.get());
        return changed ? Verdict.PROCEED : Verdict.NOT_MODIFIED;
    }
}
