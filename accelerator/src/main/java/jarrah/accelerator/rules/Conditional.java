package jarrah.accelerator.rules;

import jarrah.http.ETag;
import jarrah.http.Headers;
import org.jspecify.annotations.Nullable;

/** What a request's preconditions come to on a representation that we have (RFC 9110, 13.2.2 in that order). */
public enum Conditional {
    /** The conditions hold or there are none: send the representation. */
    SEND,
    /** 304. */
    NOT_MODIFIED,
    /** 412. */
    PRECONDITION_FAILED;

    /**
     * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since for a GET or HEAD.
     *
     * @param status of the representation; conditions count only where it is a success (RFC 9110, 13.2.1)
     * @param stored its fields
     * @param responseMillis when it was received
     */
    public static Conditional evaluate(RequestFacts request, int status, Headers stored, long responseMillis) {
        if (!request.conditional() || status < 200 || status > 299) {
            return SEND;
        }
        ETag tag = tag(stored);
        if (request.ifMatch() != null) {
            if (!listed(request.ifMatch(), tag, true)) {
                return PRECONDITION_FAILED;
            }
        } else if (request.ifUnmodifiedSince() != null) {
            long limit = CacheDates.parse(request.ifUnmodifiedSince(), responseMillis);
            long modified = CacheDates.parse(stored.first("Last-Modified"), responseMillis);
            if (limit != CacheDates.INVALID && modified != CacheDates.INVALID && modified > limit) {
                return PRECONDITION_FAILED;
            }
        }
        if (request.ifNoneMatch() != null) {
            return listed(request.ifNoneMatch(), tag, false) ? NOT_MODIFIED : SEND;
        }
        return request.ifModifiedSince() != null && unmodified(request.ifModifiedSince(), stored, responseMillis)
                ? NOT_MODIFIED
                : SEND;
    }

    private static @Nullable ETag tag(Headers stored) {
        String text = stored.first("ETag");
        return text == null ? null : ETag.parse(text.strip()).orElse(null);
    }

    /**
     * RFC 9110, 13.1.1 (strong) and 13.1.2 (weak); {@code *} stands for any representation that there is. A list that
     * is none matches nothing.
     */
    private static boolean listed(String list, @Nullable ETag tag, boolean strong) {
        ETag.Condition condition = ETag.Condition.parse(list).orElse(null);
        if (condition == null || tag == null) {
            return condition != null && condition.any();
        }
        return strong ? condition.strongMatches(tag) : condition.weakMatches(tag);
    }

    /** RFC 9111, 4.3.2: by Last-Modified, else by Date, else by when we received it. */
    private static boolean unmodified(String since, Headers stored, long responseMillis) {
        long limit = CacheDates.parse(since, responseMillis);
        long modified = CacheDates.parse(stored.first("Last-Modified"), responseMillis);
        if (modified == CacheDates.INVALID) {
            modified = Lifetime.dateMillis(stored, responseMillis);
        }
        return limit != CacheDates.INVALID && modified <= limit;
    }

    /**
     * Whether the Range field counts (RFC 9110, 13.1.5): without If-Range, with an equal strong tag, or with the very
     * Last-Modified, if that was a minute or more before the response was made and so is a strong validator (8.8.2.2).
     */
    public static boolean rangeApplies(RequestFacts request, Headers stored, long responseMillis) {
        String condition = request.ifRange();
        if (condition == null) {
            return true;
        }
        ETag wanted = ETag.parse(condition.strip()).orElse(null);
        if (wanted != null) {
            ETag tag = tag(stored);
            return tag != null && wanted.strongMatches(tag);
        }
        long date = CacheDates.parse(condition, responseMillis);
        long modified = CacheDates.parse(stored.first("Last-Modified"), responseMillis);
        return date != CacheDates.INVALID
                && date == modified
                && Lifetime.dateMillis(stored, responseMillis) - modified >= 60_000;
    }
}
