package jarrah.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;

/** RocksDB's settings for a small process whose every change is synced; native memory, so it must be closed. */
final class RocksSettings implements AutoCloseable {
    static {
        loadLibrary();
    }

    private final Cache cache;
    private final BloomFilter bloom = new BloomFilter(10); // bits a key: one lookup in a hundred reads in vain
    private final DBOptions database;
    private final ColumnFamilyOptions family;
    private final Options options;
    private final ReadOptions reads = new ReadOptions().setVerifyChecksums(true);
    private final ReadOptions readsOfMemory =
            new ReadOptions().setVerifyChecksums(true).setReadTier(ReadTier.BLOCK_CACHE_TIER);

    /**
     * The library unpacks itself into a file that it deletes at the end of the process, which a killed one never reaches:
     * here the file goes as soon as it is loaded.
     */
    private static void loadLibrary() {
        try {
            Path directory = Files.createTempDirectory("jarrah-native-");
            try {
                NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
            } finally {
                try (var files = Files.newDirectoryStream(directory)) {
                    for (Path file : files) {
                        Files.delete(file);
                    }
                }
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the library of the key-value store cannot be unpacked", e);
        }
        RocksDB.loadLibrary(); // tells the rest of it
    }

    /**
     * @param recovery how far a log is read that ends badly
     */
    RocksSettings(RocksKv.Options chosen, WALRecoveryMode recovery) {
        // Four shards: by default there are so many that none has room for the index of a large table, which is then
        // read again for every lookup (250 us in place of 18 in a map of a million). Half is for indexes and filters.
        cache = new LRUCache(chosen.blockCacheBytes(), 2, false, 0.5);
        var properties = new Properties(); // not among the setters of the Java binding
        properties.setProperty("track_and_verify_wals_in_manifest", "true");
        DBOptions parsed = DBOptions.getDBOptionsFromProps(properties);
        if (parsed == null) {
            throw new IllegalStateException("RocksDB does not know " + properties);
        }
        database = parsed.setCreateIfMissing(true)
                .setParanoidChecks(true)
                .setWalRecoveryMode(recovery)
                .setRecycleLogFileNum(0)
                .setMaxTotalWalSize(2 * chosen.writeBufferBytes())
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(256)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(1 << 20);
        family = new ColumnFamilyOptions()
                .setWriteBufferSize(chosen.writeBufferBytes())
                .setMaxWriteBufferNumber(2)
                .setLevelCompactionDynamicLevelBytes(true)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setFilterPolicy(bloom)
                        .setOptimizeFiltersForMemory(true)
                        .setCacheIndexAndFilterBlocks(true) // else they are outside of the cache's bound
                        .setPinL0FilterAndIndexBlocksInCache(true)
                        .setBlockSize(8 * 1024)
                        .setFormatVersion(6));
        options = new Options(database, family);
    }

    RocksDB open(Path directory) throws RocksDBException {
        return RocksDB.open(options, directory.toString());
    }

    RocksDB openReadOnly(Path directory) throws RocksDBException {
        return RocksDB.openReadOnly(options, directory.toString());
    }

    ReadOptions reads() {
        return reads;
    }

    /** As {@link #reads}, of what is in memory: else the status is Incomplete. */
    ReadOptions readsOfMemory() {
        return readsOfMemory;
    }

    @Override
    public void close() {
        readsOfMemory.close();
        reads.close();
        options.close();
        family.close();
        database.close();
        bloom.close();
        cache.close();
    }
}
