package jarrah.accelerator.store;

import jarrah.http.Body;
import jarrah.http.ResponseBody;
import jarrah.http.SharedBytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The body of a stored answer: in memory, in a file, or in both. Where it lies is the store's to change, under its lock;
 * anyone may read at any time.
 */
public final class Content {
    /** Bodies up to that size are verified and opened at once; larger ones stretch by stretch while they are sent. */
    private static final long STRETCH_BYTES = 4L << 20;

    private final long length;
    private volatile @Nullable SharedBytes memory;
    private volatile @Nullable FileBody file;

    /** Under the store's lock: places in its orders of eviction. */
    GreedyDual.@Nullable Node<Content> memoryNode;

    /** See {@link #memoryNode}. */
    GreedyDual.@Nullable Node<Content> fileNode;

    /** Under the store's lock: the entry that has this body; null before it is stored and after it was evicted. */
    @Nullable
    Entry owner;

    /** Under the store's lock: whether it ever had an owner. */
    boolean stored;

    /** Under the store's lock: bytes on disk of the head beside the file. */
    long headFileBytes;

    /** Hits; counted without a lock, since one lost now and then does not matter. */
    private int hits;

    Content(long length, @Nullable SharedBytes memory, @Nullable FileBody file) {
        this.length = length;
        this.memory = memory;
        this.file = file;
    }

    /** Bytes. */
    public long length() {
        return length;
    }

    int hits() {
        return hits;
    }

    /** Counts a hit; returns how many there were before. */
    int hit() {
        return hits++;
    }

    @Nullable
    SharedBytes memory() {
        return memory;
    }

    @Nullable
    FileBody file() {
        return file;
    }

    void memory(@Nullable SharedBytes bytes) {
        memory = bytes;
    }

    void file(@Nullable FileBody body) {
        file = body;
    }

    /**
     * A part of the body for {@link jarrah.http.Exchange#send}, without waiting: null unless it lies in memory, or in a
     * file that is open, verified and was read a moment ago. After the send, {@link #letGo} is to be called.
     */
    public @Nullable Body tryBody(long offset, long count) {
        if (count == 0) {
            return Body.EMPTY;
        }
        SharedBytes bytes = memory;
        if (bytes != null && bytes.tryRetain()) {
            return new Body.Shared(bytes, (int) offset, (int) count);
        }
        FileBody body = file;
        OpenFile open = body == null ? null : body.tryOpen(offset, count);
        return open == null ? null : new Body.FilePart(open.channel(), offset, count, open::release);
    }

    /** Drops what {@link #tryBody} took, once the engine has its own hold. */
    public static void letGo(Body body) {
        if (body instanceof Body.Shared(var bytes, var _, var _)) {
            bytes.release();
        }
    }

    /**
     * Makes a part ready for {@link #tryBody}: opens the file, verifies it, brings its first bytes into memory. Blocks.
     *
     * @return false if the part is so large that {@link #copyTo} should verify it on the way
     * @throws CorruptBodyException if the file does not hold what was stored
     */
    public boolean prepare(long offset, long count) throws IOException {
        FileBody body = file;
        if (memory != null || body == null || count == 0) {
            return true;
        }
        if (!body.isVerified(offset, count) && count > STRETCH_BYTES) {
            return false;
        }
        body.prepare(offset, count);
        return true;
    }

    /** Writes a part, verified before it is sent; blocks. */
    public void copyTo(ResponseBody target, long offset, long count) throws IOException {
        if (count == 0) {
            return;
        }
        SharedBytes bytes = memory;
        if (bytes != null && bytes.tryRetain()) {
            try {
                target.write(bytes.view().slice((int) offset, (int) count));
            } finally {
                bytes.release();
            }
            return;
        }
        FileBody body = file;
        OpenFile open = body == null ? null : body.open();
        if (body == null || open == null) {
            throw new IOException("the stored body was evicted");
        }
        try {
            for (long done = 0; done < count; done += STRETCH_BYTES) {
                long stretch = Math.min(STRETCH_BYTES, count - done);
                body.verify(offset + done, stretch);
                target.transfer(open.channel(), offset + done, stretch);
            }
        } finally {
            open.release();
        }
    }
}
