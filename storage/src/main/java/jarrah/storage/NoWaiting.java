package jarrah.storage;

import java.util.function.Supplier;

/**
 * Work on a thread that serves many clients, such as an event loop: nothing in it may wait for a disk or for others. What
 * would have to wait is refused, and the whole is done again on a thread of its own; so it must have had no effect. Reads of
 * records that are in memory do not wait.
 */
public final class NoWaiting {
    private static final ScopedValue<Boolean> HERE = ScopedValue.newInstance();

    private NoWaiting() {}

    /** This cannot be done without waiting. */
    public static final class Refused extends RuntimeException {
        private Refused() {
            super("it would have to wait", null, false, false);
        }
    }

    /**
     * Does something that must not wait.
     *
     * @throws Refused if it would have to
     */
    public static <T> T call(Supplier<T> work) {
        return ScopedValue.where(HERE, true).call(work::get);
    }

    /** Whether the caller must not wait. */
    static boolean here() {
        return HERE.isBound();
    }

    /**
     * To be called before what may wait.
     *
     * @throws Refused if the caller must not
     */
    public static void refuse() {
        if (here()) {
            throw new Refused();
        }
    }
}
