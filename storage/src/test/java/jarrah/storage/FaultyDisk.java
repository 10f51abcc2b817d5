package jarrah.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that fails as told: crashes at a change, tears the write it crashes in, forgets what was not synced
 * (bytes and names alike), flips bits, fails syncs, runs full. Guarded by itself.
 *
 * <p>Changes are counted from 1: each write, sync, creation, renaming, deletion. A crash throws {@link Crash} from that
 * change and from all that follows, until {@link #restart}.
 */
public final class FaultyDisk implements Disk {
    /** The power went off. */
    public static final class Crash extends RuntimeException {
        Crash() {
            super("The disk has crashed");
        }
    }

    /** A file's bytes; the names that lead to it are in its directory. */
    static final class Inode {
        private byte[] bytes = {};
        private byte[] synced = {};
        private int length;
        private long modifiedNanos;

        int length() {
            return length;
        }

        /** With room behind the length. */
        byte[] bytes() {
            return bytes;
        }

        private void write(byte[] from, int position, int count) {
            if (position + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(position + count, 2 * bytes.length));
            }
            System.arraycopy(from, 0, bytes, position, count);
            length = Math.max(length, position + count);
        }

        private void settle(byte[] kept) {
            bytes = kept;
            length = kept.length;
            synced = kept.clone();
        }
    }

    /** A directory's names, as seen and as on the platter. */
    private static final class Directory {
        final Map<String, Inode> names = new HashMap<>();
        final Map<String, Inode> synced = new HashMap<>();
    }

    private final Map<Path, Directory> directories = new HashMap<>();
    private long changes;
    private long crashAt = -1;
    private long failSyncAt = -1;
    private long syncs;
    private long capacity = Long.MAX_VALUE;
    private long clock;
    private boolean crashed;

    /** The number of changes so far: the bound for {@link #crashAt}. */
    public synchronized long changes() {
        return changes;
    }

    /** The number of syncs so far, of files and of directories. */
    public synchronized long syncs() {
        return syncs;
    }

    /** Crashes at the n-th change, counted from the disk's making. */
    public synchronized void crashAt(long change) {
        crashAt = change;
    }

    /** Fails the n-th sync, counted from the disk's making, with an error of input or output. */
    public synchronized void failSyncAt(long sync) {
        failSyncAt = sync;
    }

    /** Limits the bytes of all files together. */
    public synchronized void capacity(long bytes) {
        capacity = bytes;
    }

    /** Crashes at once; returns what everybody who uses the disk gets. */
    public synchronized Crash crashNow() {
        crashed = true;
        return new Crash();
    }

    public synchronized boolean crashed() {
        return crashed;
    }

    /**
     * Comes back after a crash, or after the power was cut just now.
     *
     * @param chance decides about each byte and name that was not synced: kept or lost; null loses them all
     */
    public synchronized void restart(@Nullable Random chance) {
        crashed = false;
        crashAt = -1;
        for (Directory directory : directories.values()) {
            var names = new TreeSet<>(directory.names.keySet());
            names.addAll(directory.synced.keySet());
            for (String name : names) {
                boolean keep = chance != null && chance.nextBoolean();
                Inode inode = keep ? directory.names.get(name) : directory.synced.get(name);
                if (inode == null) {
                    directory.names.remove(name);
                } else {
                    directory.names.put(name, inode);
                }
            }
        }
        directories.values().forEach(directory -> directory.names.values().forEach(inode -> settle(inode, chance)));
        for (Directory directory : directories.values()) {
            directory.synced.clear();
            directory.synced.putAll(directory.names);
        }
    }

    // Blocks of 512 bytes reach the platter in any order; a length may be there before its bytes are.
    private static void settle(Inode inode, @Nullable Random chance) {
        if (chance == null) {
            inode.settle(inode.synced.clone());
            return;
        }
        int length = chance.nextBoolean() ? inode.length : inode.synced.length;
        var kept = new byte[length];
        for (int block = 0; block < length; block += 512) {
            boolean written = chance.nextBoolean();
            byte[] from = written ? inode.bytes : inode.synced;
            int count = Math.min(512, Math.min(length, written ? inode.length : from.length) - block);
            if (count > 0) {
                System.arraycopy(from, block, kept, block, count);
            }
        }
        inode.settle(kept);
    }

    /** Flips a bit of a file, on the platter and in the cache, and leaves its time of change alone. */
    public synchronized void flip(Path file, long bit) {
        Inode inode = inode(file);
        if (inode == null) {
            throw new IllegalArgumentException("No file " + file);
        }
        inode.bytes[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
        if (bit / 8 < inode.synced.length) {
            inode.synced[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
        }
    }

    /** Sets a file's time of change to now, as a write would. */
    public synchronized void touch(Path file) {
        Inode inode = inode(file);
        if (inode != null) {
            inode.modifiedNanos = ++clock;
        }
    }

    /** All files, in order. */
    public synchronized List<Path> files() {
        var files = new ArrayList<Path>();
        directories.forEach(
                (path, directory) -> directory.names.keySet().forEach(name -> files.add(path.resolve(name))));
        files.sort(null);
        return files;
    }

    /** The bytes that a file has now. */
    public synchronized long size(Path file) {
        Inode inode = inode(file);
        return inode == null ? -1 : inode.length;
    }

    /** To be called at each change, holding the lock. */
    private void change() {
        requirePower();
        if (++changes == crashAt) {
            crashed = true;
            throw new Crash();
        }
    }

    synchronized void requirePower() {
        if (crashed) {
            throw new Crash();
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private Directory directory(@Nullable Path path) throws NoSuchFileException {
        Directory directory = path == null ? null : directories.get(path);
        if (directory == null) {
            throw new NoSuchFileException(String.valueOf(path));
        }
        return directory;
    }

    private @Nullable Inode inode(Path file) {
        try {
            return directory(file.getParent()).names.get(name(file));
        } catch (NoSuchFileException _) {
            return null;
        }
    }

    private Inode existing(Path file) throws NoSuchFileException {
        Inode inode = inode(file);
        if (inode == null) {
            throw new NoSuchFileException(file.toString());
        }
        return inode;
    }

    @Override
    public synchronized FileChannel create(Path file) throws IOException {
        change();
        Directory directory = directory(file.getParent());
        if (directory.names.containsKey(name(file))) {
            throw new FileAlreadyExistsException(file.toString());
        }
        var inode = new Inode();
        inode.modifiedNanos = ++clock;
        directory.names.put(name(file), inode);
        return new FaultyChannel(this, inode);
    }

    @Override
    public synchronized FileChannel open(Path file) throws IOException {
        requirePower();
        return new FaultyChannel(this, existing(file));
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        change();
        Inode inode = existing(from);
        directory(to.getParent()).names.put(name(to), inode);
        directory(from.getParent()).names.remove(name(from));
    }

    @Override
    public synchronized boolean delete(Path file) throws IOException {
        change();
        return directory(file.getParent()).names.remove(name(file)) != null;
    }

    @Override
    public synchronized void createDirectories(Path path) {
        requirePower(); // directories are made at the first start only: their own loss is not modelled
        directories.computeIfAbsent(path, _ -> new Directory());
    }

    @Override
    public synchronized void syncDirectory(Path path) throws IOException {
        change();
        sync();
        Directory directory = directories.get(path);
        if (directory != null) {
            directory.synced.clear();
            directory.synced.putAll(directory.names);
        }
    }

    private void sync() throws IOException {
        if (++syncs == failSyncAt) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public synchronized List<String> list(Path path) throws IOException {
        requirePower();
        return List.copyOf(directory(path).names.keySet());
    }

    @Override
    public synchronized long modifiedNanos(Path file) throws IOException {
        requirePower();
        return existing(file).modifiedNanos;
    }

    @Override
    public synchronized long usableBytes(Path path) {
        requirePower();
        return capacity == Long.MAX_VALUE ? capacity : capacity - used();
    }

    private long used() {
        return directories.values().stream()
                .flatMap(directory -> directory.names.values().stream())
                .mapToLong(inode -> inode.length)
                .sum();
    }

    synchronized int write(Inode inode, byte[] bytes, long position) throws IOException {
        int tornAt = changes + 1 == crashAt ? bytes.length / 2 : bytes.length;
        if (capacity != Long.MAX_VALUE && used() + bytes.length > capacity) {
            throw new IOException("No space left on device");
        }
        requirePower();
        inode.write(bytes, (int) position, tornAt);
        inode.modifiedNanos = ++clock;
        change();
        return bytes.length;
    }

    synchronized void force(Inode inode) throws IOException {
        change();
        sync();
        inode.synced = Arrays.copyOf(inode.bytes, inode.length);
    }
}
