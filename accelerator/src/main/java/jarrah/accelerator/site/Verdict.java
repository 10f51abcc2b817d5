package jarrah.accelerator.site;

import org.jspecify.annotations.Nullable;

/** What the rules of access say of a request. */
public sealed interface Verdict {
    /** Which credential a rule took; it has done its work, and is nobody else's to see. */
    enum Taken {
        NOTHING,
        AUTHORIZATION
    }

    /** It may be answered. */
    record Allowed(Taken taken) implements Verdict {}

    /**
     * It may not.
     *
     * @param status 401 if other credentials would help, else 403; 404 if there is nothing to be let in to
     * @param challenge value of WWW-Authenticate; null for none
     * @param text for people, one line; null for that of the status
     */
    record Denied(
            int status,
            @Nullable String challenge,
            @Nullable String text) implements Verdict {}

    /** It cannot be said without waiting. */
    record Later() implements Verdict {}
}
