package jarrah.images.bundle;

/** Is told how far a long piece of work has come, often and from one thread at a time. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (_, _) -> {};

    /**
     * Work has been done.
     *
     * @param doneBytes bytes of the whole done so far
     * @param totalBytes bytes of the whole
     */
    void at(long doneBytes, long totalBytes);
}
