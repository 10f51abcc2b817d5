package jarrah.accelerator.store;

import jarrah.accelerator.site.CacheKey;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Where answers are kept; safe for use by many threads. */
public interface CacheStore extends AutoCloseable {
    /**
     * The entries under a key: first those that hold all of a representation, one for each variant, then {@linkplain Segment
     * segments}; the newest first. Does not wait.
     */
    List<Entry> find(CacheKey key);

    /**
     * Begins a body.
     *
     * @param length as declared, bytes; -1 if unknown
     */
    Draft draft(long length);

    /** A body that is passed on and never kept: its one reader sets the pace. */
    Draft passing(long length);

    /**
     * Stores an entry in place of the one that it renews and of those of the same variant; a segment leaves others of the
     * same representation where they hold what it does not.
     *
     * @return false if its body, shared with an older entry, was evicted meanwhile; then nothing changed
     */
    boolean put(Entry entry);

    /** Removes an entry, if it is still there. */
    void remove(Entry entry);

    /** Removes all entries under a key; returns how many there were. */
    int remove(CacheKey key);

    /** Shows each entry; those that come or go meanwhile perhaps. */
    void forEach(Consumer<Entry> look);

    /** Removes the entries that match, looking at each; returns how many there were. */
    int removeIf(Predicate<Entry> matches);

    /** Gives back a finished body that was not stored after all. */
    void discard(Content content);

    /** Counts a hit: what is used stays longer, and is put into files to outlive the process. Does not wait. */
    void touched(Entry entry);

    /**
     * Makes a part of an entry's body ready to be sent by the event loop; blocks.
     *
     * @return false if the part should be copied with {@link Content#copyTo} instead
     * @throws CorruptBodyException if the body is damaged; the entry is removed
     */
    boolean prepare(Entry entry, long offset, long count) throws IOException;

    /** The longest body that is kept, bytes. */
    long maxBodyBytes();

    Usage usage();

    @Override
    void close();

    /**
     * What is in use.
     *
     * @param entries stored answers
     * @param memoryBytes of the memory limit
     * @param fileBytes of the file limit
     * @param evictions entries that gave way to others so far
     */
    record Usage(long entries, long memoryBytes, long fileBytes, long evictions) {}
}
