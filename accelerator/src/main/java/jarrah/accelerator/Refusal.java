package jarrah.accelerator;

import jarrah.accelerator.site.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * An error, or a redirection, of the accelerator's own.
 *
 * @param field to be sent with it; empty for none
 * @param value of that field
 * @param text for people, one line; null for that of the status
 */
record Refusal(
        int status, String field, String value, @Nullable String text) {
    Refusal(int status) {
        this(status, "", "", null);
    }

    /** What the rules of access say to who is not let in. */
    static Refusal of(Verdict.Denied denied) {
        String challenge = denied.challenge();
        return new Refusal(
                denied.status(),
                challenge == null ? "" : "WWW-Authenticate",
                challenge == null ? "" : challenge,
                denied.text());
    }
}
