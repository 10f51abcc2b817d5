package jarrah.s3.store;

import java.time.Instant;
import java.util.Optional;

/**
 * What keeps a version from being deleted ("Locking objects with Object Lock").
 *
 * @param legalHold empty if it was never set
 */
public record ObjectLock(Optional<Retention> retention, Optional<Boolean> legalHold) {
    public static final ObjectLock NONE = new ObjectLock(Optional.empty(), Optional.empty());

    /** Whether a client asked for any of it. */
    public boolean isSet() {
        return retention.isPresent() || legalHold.isPresent();
    }

    /**
     * Passes if the version may be deleted.
     *
     * @param bypass whether the caller may bypass governance, and asked to
     * @throws S3Exception.ObjectLocked if it must stay
     */
    void requireDeletable(Instant now, boolean bypass) {
        boolean held = legalHold.orElse(false);
        boolean retained = retention
                .filter(there -> !there.isOver(now))
                .filter(there -> there.mode() == Retention.Mode.COMPLIANCE || !bypass)
                .isPresent();
        if (held || retained) {
            throw new S3Exception.ObjectLocked();
        }
    }

    /**
     * The lock with another retention.
     *
     * @param next empty to end it
     * @throws S3Exception.ObjectLocked if that would shorten or weaken what must stay
     */
    ObjectLock withRetention(Optional<Retention> next, Instant now, boolean bypass) {
        if (retention.isPresent() && !retention.get().isOver(now)) {
            Retention there = retention.get();
            boolean keeps = next.isPresent()
                    && next.get().mode() == there.mode()
                    && !next.get().until().isBefore(there.until());
            if (!keeps && (there.mode() == Retention.Mode.COMPLIANCE || !bypass)) {
                throw new S3Exception.ObjectLocked();
            }
        }
        return new ObjectLock(next, legalHold);
    }

    ObjectLock withLegalHold(boolean on) {
        return new ObjectLock(retention, Optional.of(on));
    }
}
