package jarrah.accelerator.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A body in a file, with a CRC32C for each chunk of 64 KiB. Bytes are sent only after they were verified once since this
 * process began; what this process wrote counts as verified. Guarded by its own monitor, {@link #tryOpen} apart.
 */
final class FileBody {
    /** Bytes that a checksum covers. */
    static final int CHUNK_BYTES = 64 * 1024;

    /** How much is brought into memory before the event loop sends the rest by sendfile. */
    private static final int WARM_BYTES = 1 << 20;

    /** A file that was read that lately is taken to be in the page cache still; nanoseconds. */
    private static final long WARM_NANOS = 60_000_000_000L;

    private final FileTier tier;
    private final long id;
    private final long length;
    private final int[] sums;
    private final BitSet verifiedChunks = new BitSet();
    private volatile boolean verified;
    private volatile long readAt;
    private volatile @Nullable OpenFile open;
    private boolean deleted;
    private int references;

    FileBody(FileTier tier, long id, long length, int[] sums) {
        this.tier = tier;
        this.id = id;
        this.length = length;
        this.sums = sums;
    }

    /** A body that this process has just written through that channel, which it takes over. */
    static FileBody written(FileTier tier, long id, long length, int[] sums, FileChannel channel) {
        var body = new FileBody(tier, id, length, sums);
        body.verified = true;
        body.readAt = System.nanoTime();
        body.adopt(channel);
        return body;
    }

    long id() {
        return id;
    }

    long length() {
        return length;
    }

    int[] sums() {
        return sums;
    }

    Path path() {
        return tier.bodyPath(id);
    }

    /** A hold on the open file if that part may be sent without waiting; else null. */
    @Nullable
    OpenFile tryOpen(long offset, long count) {
        OpenFile file = open;
        if (file == null || !isVerified(offset, count) || System.nanoTime() - readAt > WARM_NANOS) {
            return null;
        }
        if (!file.tryRetain()) {
            return null;
        }
        readAt = System.nanoTime();
        return file;
    }

    boolean isVerified(long offset, long count) {
        if (verified) {
            return true;
        }
        int first = (int) (offset / CHUNK_BYTES);
        int end = (int) ((offset + count + CHUNK_BYTES - 1) / CHUNK_BYTES);
        synchronized (this) {
            return verifiedChunks.nextClearBit(first) >= end;
        }
    }

    /** A hold on the file, opened if need be; null if it was deleted. */
    @Nullable
    OpenFile open() throws IOException {
        OpenFile file;
        synchronized (this) {
            file = open;
            if (file != null && file.tryRetain()) {
                return file;
            }
            if (deleted) {
                return null;
            }
            file = adopt(FileChannel.open(path(), StandardOpenOption.READ));
            tier.counted();
            file.tryRetain();
        }
        tier.opened(this);
        return file;
    }

    private synchronized OpenFile adopt(FileChannel channel) {
        references++;
        var file = new OpenFile(channel, this::closed);
        open = file;
        return file;
    }

    /** Opens the file, verifies the part and reads its beginning, so that sendfile will not wait for the disk. */
    void prepare(long offset, long count) throws IOException {
        OpenFile file = open();
        if (file == null) {
            throw new IOException("the stored body was evicted");
        }
        try {
            if (!isVerified(offset, count)) {
                verify(offset, count);
            } else {
                read(file.channel(), offset, (int) Math.min(count, WARM_BYTES));
            }
            readAt = System.nanoTime();
        } finally {
            file.release();
        }
    }

    /** Compares the chunks that hold the part with their sums, where that was not done yet. */
    void verify(long offset, long count) throws IOException {
        if (isVerified(offset, count)) {
            return;
        }
        OpenFile file = open();
        if (file == null) {
            throw new IOException("the stored body was evicted");
        }
        try {
            long end = offset + count;
            for (int chunk = (int) (offset / CHUNK_BYTES); (long) chunk * CHUNK_BYTES < end; chunk++) {
                long at = (long) chunk * CHUNK_BYTES;
                ByteBuffer bytes = read(file.channel(), at, (int) Math.min(CHUNK_BYTES, length - at));
                var crc = new CRC32C();
                crc.update(bytes);
                if ((int) crc.getValue() != sums[chunk]) {
                    throw new CorruptBodyException(path() + ": chunk " + chunk + " is not what was stored");
                }
                synchronized (this) {
                    verifiedChunks.set(chunk);
                    verified = verifiedChunks.cardinality() == sums.length;
                }
            }
        } finally {
            file.release();
        }
    }

    /** Exactly that many bytes; {@link CorruptBodyException} if the file is shorter. */
    ByteBuffer read(FileChannel channel, long offset, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new CorruptBodyException(path() + ": is cut at " + (offset + bytes.position()));
            }
        }
        return bytes.flip();
    }

    /** Lets the open file go, to be opened again at the next use; may wait. */
    void closeIdle() {
        OpenFile file;
        synchronized (this) {
            file = open;
            open = null;
        }
        if (file != null) {
            file.releaseAndWait();
        }
    }

    /** Removes the file, which may wait; answers under way go on, and its bytes count until the last of them has ended. */
    void delete() {
        boolean idle;
        synchronized (this) {
            if (deleted) {
                return;
            }
            deleted = true;
            idle = references == 0;
        }
        tier.unlink(id);
        closeIdle();
        if (idle) {
            tier.freed(length);
        }
    }

    private void closed() {
        boolean last;
        synchronized (this) {
            references--;
            last = deleted && references == 0;
        }
        tier.closed();
        if (last) {
            tier.freed(length);
        }
    }
}
