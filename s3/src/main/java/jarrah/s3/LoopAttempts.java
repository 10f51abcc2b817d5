package jarrah.s3;

/**
 * Whether it is worth trying requests on the event loop: where most are for what lies on the disk, the attempts are a
 * waste, and few are made. Approximate by design: threads may count beside each other.
 */
final class LoopAttempts {
    private static final int MOST = 64;

    /** One refused attempt costs about as much as a few successful ones save. */
    private static final int REFUSAL = 4;

    /** Of those that are not worth it: how many are left out for each that is made all the same. */
    private static final int RARELY = 32;

    private volatile int credit = MOST;
    private volatile int skipped;

    boolean worthwhile() {
        if (credit > 0) {
            return true;
        }
        int now = skipped + 1;
        skipped = now;
        return now % RARELY == 0;
    }

    void answered() {
        int now = credit;
        if (now < MOST) {
            credit = now + 1;
        }
    }

    void refused() {
        int now = credit;
        if (now > -MOST) {
            credit = now - REFUSAL;
        }
    }
}
