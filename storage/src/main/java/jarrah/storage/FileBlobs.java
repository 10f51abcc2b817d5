package jarrah.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Blobs} as one file each ({@link BlobFormat}): `tmp/ID` while it is written, `XX/ID` when it is whole, XX being
 * the first two digits of the id, so that ids which are given out together share a directory and its sync.
 *
 * <p>Committing syncs the file, renames it and syncs the directory it came into: two syncs. The 256 directories are made
 * at the first start, so that no blob has to pay for the name of a directory; ext4 and XFS find a name among a hundred
 * thousand as fast as among ten.
 *
 * <p>A failed sync ends all writing: the kernel may have dropped the bytes and forgotten the error, so that a second sync
 * would succeed for nothing. Disk full is no such failure; it leaves the store as it was.
 */
public final class FileBlobs implements Blobs {
    private static final Logger LOG = LoggerFactory.getLogger(FileBlobs.class);
    /** A long write looks at the free space again after so many bytes. */
    private static final long SPACE_CHECK_BYTES = 16L << 20;

    private final Disk disk;
    private final Path directory;
    private final Path temporary;
    private final VerifyMode mode;
    private final long reserveBytes;
    private final Syncs syncs = new Syncs();
    private final VerifiedChunks verified = new VerifiedChunks();
    private final ArrayBlockingQueue<ByteBuffer> chunkBuffers = new ArrayBlockingQueue<>(8);
    private volatile @Nullable IOException failure;

    /**
     * Opens the blobs in a directory, which is made if it is not there, and removes what a crash left half written.
     *
     * @param reserveBytes free space that writing leaves to the rest of the system; above the Kv's reserve, so that
     *     what is deleted can still be recorded
     */
    public FileBlobs(Disk disk, Path directory, VerifyMode mode, long reserveBytes) throws IOException {
        this.disk = disk;
        this.directory = directory;
        this.mode = mode;
        this.reserveBytes = reserveBytes;
        temporary = directory.resolve("tmp");
        disk.createDirectories(temporary);
        for (int shard = 0; shard < 256; shard++) {
            disk.createDirectories(directory.resolve(HexFormat.of().toHexDigits((byte) shard)));
        }
        disk.syncDirectory(directory);
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            disk.syncDirectory(parent);
        }
        for (String left : disk.list(temporary)) {
            disk.delete(temporary.resolve(left));
        }
    }

    private Path shard(String id) {
        if (id.length() != 2 * ID_BYTES
                || !id.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("Not a blob's id: " + id);
        }
        return directory.resolve(id.substring(0, 2));
    }

    private Path whole(String id) {
        return shard(id).resolve(id);
    }

    @Override
    public BlobWriter create(String id) {
        shard(id); // refuses what is no id
        requireWritable();
        requireSpace();
        Path begun = temporary.resolve(id);
        try {
            return new Writer(id, begun, disk.create(begun));
        } catch (IOException failed) {
            throw failure("Blob %s cannot be begun".formatted(id), failed);
        }
    }

    @Override
    public BlobReader open(String id) {
        NoWaiting.refuse();
        return open(id, mode);
    }

    private Reader open(String id, VerifyMode how) {
        Path path = whole(id);
        FileChannel file;
        try {
            file = disk.open(path);
        } catch (NoSuchFileException _) {
            throw new BlobException.Missing(id);
        } catch (IOException failed) {
            throw failure("Blob %s cannot be opened".formatted(id), failed);
        }
        try {
            long length = BlobFormat.readLength(file, id);
            var seen = how == VerifyMode.FIRST_READ ? verified.of(id, length, disk.modifiedNanos(path)) : null;
            return new Reader(id, file, length, how, seen);
        } catch (NoSuchFileException _) {
            closeQuietly(file);
            throw new BlobException.Missing(id);
        } catch (IOException failed) {
            closeQuietly(file);
            throw failure("Blob %s cannot be read".formatted(id), failed);
        } catch (BlobException damaged) {
            closeQuietly(file);
            throw damaged;
        }
    }

    @Override
    public void delete(Collection<String> ids) {
        requireWritable();
        var shards = new HashSet<Path>();
        try {
            for (String id : ids) {
                Path path = whole(id);
                verified.forget(id);
                disk.delete(temporary.resolve(id));
                // A name that is gone already may still be there after a crash: synced all the same.
                disk.delete(path);
                shards.add(shard(id));
            }
        } catch (IOException failed) {
            throw failure("Blobs cannot be deleted", failed);
        }
        sync("deleting", () -> {
            for (Path shard : shards) {
                disk.syncDirectory(shard);
            }
        });
    }

    @Override
    public void forEach(Consumer<String> ids) {
        try {
            for (int shard = 0; shard < 256; shard++) {
                disk.list(directory.resolve(HexFormat.of().toHexDigits((byte) shard)))
                        .forEach(ids);
            }
        } catch (IOException failed) {
            throw failure("The blobs cannot be listed", failed);
        }
    }

    @Override
    public void scrub(String id) {
        try (Reader reader = open(id, VerifyMode.ALWAYS)) {
            reader.verify(0, reader.length());
        }
    }

    @Override
    public void close() {
        syncs.close();
    }

    /** Why no blobs are taken, for people; empty while they are. */
    public Optional<String> trouble() {
        return Optional.ofNullable(failure).map(cause -> readOnly(cause).getMessage());
    }

    private void requireWritable() {
        IOException cause = failure;
        if (cause != null) {
            throw readOnly(cause);
        }
    }

    private static BlobException.ReadOnly readOnly(IOException cause) {
        return new BlobException.ReadOnly(
                "The blobs take no changes since a sync failed; restart after the disk is repaired: "
                        + cause.getMessage(),
                cause);
    }

    private void requireSpace() {
        long usable;
        try {
            usable = disk.usableBytes(directory);
        } catch (IOException failed) {
            throw failure("The free space is unknown", failed);
        }
        if (usable < reserveBytes) {
            throw new BlobException.DiskFull(
                    "%,d bytes are free on the disk and %,d are kept in reserve".formatted(usable, reserveBytes), null);
        }
    }

    // The system's words for ENOSPC come translated, so the free space is asked too.
    private BlobException failure(String what, IOException cause) {
        boolean full = String.valueOf(cause.getMessage()).contains("No space left");
        try {
            full |= disk.usableBytes(directory) < 1 << 20;
        } catch (IOException unknown) {
            cause.addSuppressed(unknown);
        }
        return full
                ? new BlobException.DiskFull(what + ": the disk is full", cause)
                : new BlobException.Failed(what + ": " + cause.getMessage(), cause);
    }

    private void sync(String doing, Syncs.Work work) {
        try {
            syncs.run(work);
        } catch (IOException failed) {
            failure = failed;
            LOG.error("The blobs in {} take no changes any more: a sync failed while {}", directory, doing, failed);
            throw readOnly(failed);
        }
    }

    private static void closeQuietly(FileChannel file) {
        try {
            file.close();
        } catch (IOException failed) {
            LOG.warn("A blob's file was not closed: {}", failed.getMessage());
        }
    }

    /** Front to back into `tmp/`. */
    private final class Writer implements BlobWriter {
        private final String id;
        private final Path begun;
        private final FileChannel file;
        private final ChunkSums sums = new ChunkSums();
        private long nextSpaceCheck = SPACE_CHECK_BYTES;
        private boolean ended;

        Writer(String id, Path begun, FileChannel file) {
            this.id = id;
            this.begun = begun;
            this.file = file;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public long length() {
            return sums.length();
        }

        @Override
        public void write(ByteBuffer bytes) {
            requireBegun();
            if (length() >= nextSpaceCheck) {
                nextSpaceCheck += SPACE_CHECK_BYTES;
                requireSpace();
            }
            sums.update(bytes.duplicate());
            try {
                writeFully(bytes);
            } catch (IOException failed) {
                close();
                throw failure("Blob %s cannot be written".formatted(id), failed);
            }
        }

        private void writeFully(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        }

        @Override
        public void commit() {
            requireBegun();
            requireWritable();
            try {
                writeFully(sums.finish());
                writeFully(BlobFormat.footer(length()));
            } catch (IOException failed) {
                close();
                throw failure("Blob %s cannot be written".formatted(id), failed);
            }
            var refused = new IOException[1]; // a renaming that failed: no sync did, so the store stays writable
            sync("writing blob " + id, () -> {
                file.force(true);
                try {
                    disk.rename(begun, whole(id));
                } catch (IOException failed) {
                    refused[0] = failed;
                    return;
                }
                disk.syncDirectory(shard(id));
            });
            if (refused[0] instanceof NoSuchFileException) {
                throw new BlobException.Missing(id);
            } else if (refused[0] != null) {
                throw failure("Blob %s cannot be named".formatted(id), refused[0]);
            }
            ended = true;
            closeQuietly(file);
        }

        private void requireBegun() {
            if (ended) {
                throw new IllegalStateException("Blob %s is committed or given up".formatted(id));
            }
        }

        @Override
        public void close() {
            if (ended) {
                return;
            }
            ended = true;
            closeQuietly(file);
            try {
                disk.delete(begun);
            } catch (IOException failed) {
                LOG.warn("{} stays until the next start: {}", begun, failed.getMessage());
            }
        }
    }

    private final class Reader implements BlobReader {
        private final String id;
        private final FileChannel file;
        private final long length;
        private final VerifyMode how;
        private final VerifiedChunks.@Nullable Seen seen;

        Reader(String id, FileChannel file, long length, VerifyMode how, VerifiedChunks.@Nullable Seen seen) {
            this.id = id;
            this.file = file;
            this.length = length;
            this.how = how;
            this.seen = seen;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public FileChannel channel() {
            return file;
        }

        @Override
        public void verify(long offset, long count) {
            if (offset < 0 || count < 0 || offset > length - count) {
                throw new IllegalArgumentException(
                        "%,d bytes at %,d of a blob of %,d".formatted(count, offset, length));
            }
            if (how == VerifyMode.SCRUB || count == 0) {
                return;
            }
            long end = BlobFormat.chunks(offset + count);
            long chunk = unseen(offset / BlobFormat.CHUNK_BYTES, end);
            if (chunk == end) {
                return;
            }
            ByteBuffer buffer = chunkBuffers.poll();
            if (buffer == null) {
                buffer = ByteBuffer.allocateDirect(BlobFormat.CHUNK_BYTES);
            }
            try {
                verifyChunks(chunk, end, buffer);
            } catch (IOException failed) {
                throw failure("Blob %s cannot be read".formatted(id), failed);
            } finally {
                chunkBuffers.offer(buffer);
            }
        }

        private long unseen(long chunk, long end) {
            return seen == null ? chunk : seen.nextUnseen(chunk, end);
        }

        private void verifyChunks(long first, long end, ByteBuffer buffer) throws IOException {
            ByteBuffer sums = ByteBuffer.allocate(0);
            long chunk = first;
            long sumsEnd = first;
            while (chunk < end) {
                if (chunk >= sumsEnd) { // 4 KiB of checksums at a time: those of 64 MiB
                    int count = (int) Math.min(1_024, end - chunk);
                    sums = BlobFormat.readSums(file, length, chunk, count);
                    sumsEnd = chunk + count;
                }
                long offset = chunk * BlobFormat.CHUNK_BYTES;
                buffer.clear().limit((int) Math.min(BlobFormat.CHUNK_BYTES, length - offset));
                BlobFormat.readFully(file, buffer, offset);
                int index = sums.limit() / 4 - (int) (sumsEnd - chunk);
                if (BlobFormat.crc(buffer.flip()) != sums.getInt(4 * index)) {
                    throw new BlobException.Corrupt(
                            "Blob %s is damaged within the 64 KiB from byte %,d".formatted(id, offset));
                }
                if (seen != null) {
                    seen.add(chunk);
                }
                chunk = unseen(chunk + 1, end);
            }
        }

        @Override
        public int read(long offset, ByteBuffer into) {
            if (offset >= length) {
                return -1;
            }
            int count = (int) Math.min(into.remaining(), length - offset);
            verify(offset, count);
            int limit = into.limit();
            into.limit(into.position() + count);
            try {
                BlobFormat.readFully(file, into, offset);
            } catch (IOException failed) {
                throw failure("Blob %s cannot be read".formatted(id), failed);
            } finally {
                into.limit(limit);
            }
            return count;
        }

        @Override
        public void close() {
            closeQuietly(file);
        }
    }
}
