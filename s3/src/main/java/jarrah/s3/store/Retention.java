package jarrah.s3.store;

import java.time.Instant;

/**
 * How long a version must stay.
 *
 * @param until to the millisecond
 */
public record Retention(Mode mode, Instant until) {
    /** Who may end it early; the names are those of the wire. */
    public enum Mode {
        /** Who may bypass governance. */
        GOVERNANCE,
        /** Nobody. */
        COMPLIANCE
    }

    boolean isOver(Instant now) {
        return !until.isAfter(now);
    }
}
