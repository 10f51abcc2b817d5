package jarrah.testkit;

import java.time.Duration;

/** How long tests wait for something that ought to happen: generous, since reaching it is a failure. */
public final class Deadlines {
    /** For one step of a test. */
    public static final Duration STEP = Duration.ofSeconds(10);

    private Deadlines() {}
}
