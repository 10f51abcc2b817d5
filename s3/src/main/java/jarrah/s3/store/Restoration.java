package jarrah.s3.store;

import java.time.Instant;

/**
 * A copy of an archived object that can be read for a while ("Restoring an archived object"). The bytes lie in one place
 * whatever the storage class is, so it is there and gone by the clock alone.
 *
 * @param ready when it can be read
 * @param until when it cannot be read any more
 */
public record Restoration(Instant ready, Instant until) {
    /** Whether it is still awaited. */
    public boolean isOngoing(Instant now) {
        return now.isBefore(ready);
    }

    /** Whether it is over, so that the object is as if it had never been restored. */
    public boolean isOver(Instant now) {
        return !now.isBefore(until);
    }
}
