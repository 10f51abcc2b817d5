package jarrah.accelerator.origin;

import org.jspecify.annotations.Nullable;

/**
 * How it stands with following the changes of a store elsewhere.
 *
 * @param ageMillis how old is what is known, in terms of when the store was asked; -1 if nothing is
 * @param lapses how often the lease had run out before it was renewed, or was ended by the store
 * @param changes how many were told
 * @param trouble why nothing is told, one line; null if all is well
 */
public record Coherence(
        State state,
        long ageMillis,
        long lapses,
        long changes,
        @Nullable String trouble) {
    /** Drawn in docs/accelerator/states.md. */
    public enum State {
        /** The store has not yet said whether it tells of its changes; every hit is revalidated. */
        ASKING,
        /** What it has told is recent: copies are served unasked. */
        LEASED,
        /** It is not: every hit is revalidated. */
        LOST,
        /** The store does not tell; copies live by time. */
        BY_TIME
    }
}
