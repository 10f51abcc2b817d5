package jarrah.storage;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link Kv} on RocksDB: readers ask RocksDB directly, changes go through {@link GroupCommit} into its log.
 *
 * <p>A start after a kill or a power loss first reads the log without changing anything, and refuses to go on if an
 * acknowledged change is missing or damaged ({@link SyncedMark}); only then is the map opened for writing, which replays
 * the log into tables and removes it.
 */
public final class RocksKv implements Kv {
    private static final Logger LOG = LoggerFactory.getLogger(RocksKv.class);

    private final Path directory;
    private final RocksSettings settings;
    private final RocksDB db;
    private final SyncedMark mark;
    private final FileStore disk;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final GroupCommit commits;
    /** Readers hold it for reading: RocksDB crashes the process that uses a closed map. */
    private final ReentrantReadWriteLock open = new ReentrantReadWriteLock();

    private boolean closed;

    /**
     * How the map is opened.
     *
     * @param blockCacheBytes memory for blocks of tables that were read
     * @param writeBufferBytes memory for changes that are only in the log; two such buffers may exist, and the log that
     *     a start has to replay is about as large
     * @param reserveBytes free space below which only removals are accepted, so that a full disk can be emptied
     * @param acceptLoss opens a damaged log as far as it can be read, and drops the rest: the way out after the damage
     *     was understood, never the default
     */
    public record Options(long blockCacheBytes, long writeBufferBytes, long reserveBytes, boolean acceptLoss) {
        /** 32 MiB of cache, buffers of 16 MiB, 64 MiB of reserve: small memory, a million small records at ease. */
        public static Options defaults() {
            return new Options(32L << 20, 16L << 20, 64L << 20, false);
        }

        public Options withAcceptLoss(boolean accept) {
            return new Options(blockCacheBytes, writeBufferBytes, reserveBytes, accept);
        }

        public Options withReserveBytes(long bytes) {
            return new Options(blockCacheBytes, writeBufferBytes, bytes, acceptLoss);
        }
    }

    /**
     * Opens the map in a directory, which is made if it is not there; one process at a time.
     *
     * @throws KvException.Corrupt if acknowledged changes are missing or damaged; nothing was changed
     * @throws IOException if the directory cannot be used, or another process holds it
     */
    public static RocksKv open(Path directory, Options options) throws IOException {
        Files.createDirectories(directory);
        var settings = new RocksSettings(options, recovery(directory, options));
        try {
            if (!options.acceptLoss() && hasLog(directory)) {
                requireAcknowledged(directory, settings);
            }
            RocksDB db = settings.open(directory);
            try {
                return new RocksKv(directory, options, settings, db);
            } catch (IOException | RuntimeException failed) {
                db.close();
                throw failed;
            }
        } catch (RocksDBException failed) {
            settings.close();
            throw refusal(directory, failed);
        } catch (IOException | RuntimeException failed) {
            settings.close();
            throw failed;
        }
    }

    private RocksKv(Path directory, Options options, RocksSettings settings, RocksDB db) throws IOException {
        this.directory = directory;
        this.settings = settings;
        this.db = db;
        disk = Files.getFileStore(directory);
        mark = SyncedMark.open(directory);
        // What recovery left out (with acceptLoss) is given up: the mark must not claim it any longer.
        mark.write(db.getLatestSequenceNumber());
        mark.sync();
        commits = new GroupCommit(new Committed(), options.reserveBytes(), "kv-writer");
    }

    /**
     * PointInTime reads up to the first damage and accepts any tail that a crash can leave (a cut record, zeros of
     * blocks that were never written, junk); that nothing acknowledged lies behind the damage is for the mark to say.
     * Without a mark TolerateCorruptedTailRecords refuses more than it need, zeros in a torn record for one. Both were
     * chosen by LogDamageTest; AbsoluteConsistency refuses every torn tail.
     */
    private static WALRecoveryMode recovery(Path directory, Options options) throws IOException {
        return options.acceptLoss() || SyncedMark.read(directory) >= 0
                ? WALRecoveryMode.PointInTimeRecovery
                : WALRecoveryMode.TolerateCorruptedTailRecords;
    }

    private static boolean hasLog(Path directory) throws IOException {
        try (var logs = Files.newDirectoryStream(directory, "*.log")) {
            for (Path log : logs) {
                if (Files.size(log) > 0) {
                    return true;
                }
            }
        }
        return SyncedMark.read(directory) > 0; // a log that is gone is damage too
    }

    /** Replays the log in memory; throws before anything on the disk is changed. */
    private static void requireAcknowledged(Path directory, RocksSettings settings)
            throws RocksDBException, IOException {
        long acknowledged = SyncedMark.read(directory);
        long found;
        try (RocksDB db = settings.openReadOnly(directory)) {
            found = db.getLatestSequenceNumber();
        }
        if (found < acknowledged) {
            throw refusal(
                    directory,
                    new RocksDBException("change %,d was acknowledged and the log ends at change %,d"
                            .formatted(acknowledged, found)));
        }
    }

    private static KvException.Corrupt refusal(Path directory, RocksDBException cause) {
        return new KvException.Corrupt("""
                The records in %s are damaged and stay closed, so that nothing acknowledged is dropped in silence.
                Cause: %s
                Logs: %s
                Way out: copy the directory; restore the damaged file from a backup; or start once with storage.accept-loss: \
                true, which keeps what can be read and drops the changes after the damage.""".formatted(directory, cause.getMessage(), logs(directory)), cause);
    }

    private static List<String> logs(Path directory) {
        var names = new ArrayList<String>();
        try (var found = Files.newDirectoryStream(directory, "*.log")) {
            found.forEach(path -> names.add(path.getFileName().toString()));
        } catch (IOException unreadable) {
            names.add(unreadable.toString());
        }
        return names;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        commits.refuseWithinBody();
        open.readLock().lock();
        try {
            requireOpen();
            return read(key);
        } finally {
            open.readLock().unlock();
        }
    }

    @Override
    public List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
        NoWaiting.refuse();
        commits.refuseWithinBody();
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("A limit of " + limit);
        }
        open.readLock().lock();
        try {
            requireOpen();
            return readRange(from, to, limit);
        } finally {
            open.readLock().unlock();
        }
    }

    @Override
    public <T extends @Nullable Object> T transact(Function<Tx, T> body) {
        NoWaiting.refuse();
        return commits.transact(body);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The map is closed");
        }
    }

    private byte @Nullable [] read(byte[] key) {
        boolean atOnce = NoWaiting.here();
        try {
            return db.get(atOnce ? settings.readsOfMemory() : settings.reads(), key);
        } catch (RocksDBException failed) {
            if (atOnce && failed.getStatus().getCode() == Status.Code.Incomplete) {
                NoWaiting.refuse(); // a block of it is on the disk
            }
            throw unreadable(failed);
        }
    }

    private List<Entry> readRange(byte[] from, byte @Nullable [] to, int limit) {
        var entries = new ArrayList<Entry>(Math.min(limit, 64));
        // An iterator is a snapshot by itself: it sees what was committed when it was made.
        try (RocksIterator iterator = db.newIterator(settings.reads())) {
            iterator.seek(from);
            while (iterator.isValid()) {
                byte[] key = iterator.key();
                if (to != null && Arrays.compareUnsigned(key, to) >= 0) {
                    break;
                }
                entries.add(new Entry(key, iterator.value()));
                if (entries.size() == limit) {
                    break; // the step to an entry that nobody wants may read a block
                }
                iterator.next();
            }
            iterator.status(); // an iterator that met damage is merely not valid any more
        } catch (RocksDBException failed) {
            throw unreadable(failed);
        }
        return entries;
    }

    private KvException.Corrupt unreadable(RocksDBException cause) {
        return new KvException.Corrupt(
                "A record in %s cannot be read: %s".formatted(directory, cause.getMessage()), cause);
    }

    /**
     * Compares all tables with their checksums.
     *
     * @throws KvException.Corrupt naming the first damaged file
     */
    public void verify() {
        open.readLock().lock();
        try {
            requireOpen();
            db.verifyChecksum();
        } catch (RocksDBException failed) {
            throw unreadable(failed);
        } finally {
            open.readLock().unlock();
        }
    }

    /** Why the map takes no changes, for people; empty while it does. */
    public Optional<String> trouble() {
        return commits.trouble();
    }

    /** Lets running transactions finish and writes the log into tables, so that the next start has none to replay. */
    @Override
    public void close() {
        commits.close();
        open.writeLock().lock();
        try (settings;
                synced) {
            if (closed) {
                return;
            }
            closed = true;
            try (var wait = new FlushOptions().setWaitForFlush(true)) {
                db.flush(wait);
            } catch (RocksDBException failed) {
                LOG.warn("{} keeps its log for the next start: {}", directory, failed.getMessage());
            }
            db.close();
            mark.close();
        } catch (IOException failed) {
            LOG.warn("{}: {}", directory, failed.getMessage());
        } finally {
            open.writeLock().unlock();
        }
    }

    /** What the writer thread sees; close() comes after its end, so it needs no lock. */
    private final class Committed implements GroupCommit.Store {
        @Override
        public byte @Nullable [] get(byte[] key) {
            return read(key);
        }

        @Override
        public List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
            return readRange(from, to, limit);
        }

        @Override
        public void write(Overlay changes) throws RocksDBException, IOException {
            try (var batch = new WriteBatch((int) Math.min(changes.bytes() + 1_024, 8_000_000))) {
                changes.forEach((key, value) -> add(batch, key, value));
                db.write(synced, batch);
            }
            mark.write(db.getLatestSequenceNumber());
        }

        @Override
        public void rest() {
            try {
                mark.sync();
            } catch (IOException failed) {
                LOG.warn("The mark of {} was not synced: {}", directory, failed.getMessage());
            }
        }

        private void add(WriteBatch batch, byte[] key, byte @Nullable [] value) {
            try {
                if (value == null) {
                    batch.delete(key);
                } else {
                    batch.put(key, value);
                }
            } catch (RocksDBException failed) {
                throw new IllegalStateException(failed);
            }
        }

        @Override
        public long usableBytes() {
            try {
                return disk.getUsableSpace();
            } catch (IOException unknown) {
                LOG.warn("The free space of {} is unknown: {}", directory, unknown.getMessage());
                return Long.MAX_VALUE;
            }
        }
    }
}
