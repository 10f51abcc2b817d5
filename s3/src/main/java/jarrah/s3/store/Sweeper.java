package jarrah.s3.store;

/** Gives back the space of what nobody refers to any more; a background thread of its own, or by hand in tests. */
@SuppressWarnings("DoNotCallSuggester")
public final class Sweeper implements AutoCloseable {
    Sweeper() {}

    /** Starts to sweep now and then, on a virtual thread, until closed. */
    public void start() {
        throw Later.now();
    }

    /** Renews this process's leases, claims those that ran out, deletes what is due. */
    public void sweepOnce() {
        throw Later.now();
    }

    @Override
    public void close() {}
}
