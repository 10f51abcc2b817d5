package jarrah.accelerator.store;

import jarrah.accelerator.site.CacheKey;
import jarrah.http.SharedBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small bodies in direct memory, larger ones in files, each under a hard limit; an index of all in memory.
 *
 * <p>The memory limit covers bodies, the heads and keys of all entries wherever their bodies lie, and bodies that are
 * arriving; the file limit covers heads and bodies in whole blocks, arriving ones and deleted ones that are still being
 * sent included. A small body that was hit is written into a file as well, behind everybody's back: such entries, and
 * all large ones, are there again after a restart.
 *
 * <p>The index is read without a lock. One lock guards the accounts and the orders of eviction, {@link #index} is
 * changed under it; no file is touched under it.
 */
public final class TieredCacheStore implements CacheStore, Draft.Room {
    private static final Logger LOG = LoggerFactory.getLogger(TieredCacheStore.class);

    /** Larger bodies cost less CPU from a file by sendfile than they are worth in memory. */
    private static final int MAX_MEMORY_BODY_BYTES = 256 * 1024;

    /** Variants of one URL; more push out the oldest (a Vary on User-Agent has thousands). */
    private static final int MAX_VARIANTS = 32;

    /** Segments of one URL, of all variants; more push out the oldest. */
    private static final int MAX_SEGMENTS = 256;

    /** Hit entries that wait to be written into files; more are written at a later hit or not at all. */
    private static final int MAX_SURVIVORS = 4_096;

    /** How often room in memory is made that another takes, before a body goes without. */
    private static final int MEMORY_ATTEMPTS = 4;

    private static final int CLOSE_PATIENCE_SECONDS = 5;

    /** How long a body that arrives waits for deleted files to be closed, before it is passed on unstored. */
    private static final long FREED_PATIENCE_NANOS = 50_000_000;

    /** Heads and keys lie in the Java heap, where there is other work to do: they get no more than this part of it. */
    private static final int HEAP_SHARE = 2;

    private final ConcurrentHashMap<CacheKey, List<Entry>> index = new ConcurrentHashMap<>();
    private final Object lock = new Object();
    private final GreedyDual<Content> memoryOrder = new GreedyDual<>(Content::hits, true);
    private final GreedyDual<Content> fileOrder = new GreedyDual<>(Content::hits, false);
    private final long memoryLimit;
    private final long headLimit;
    private final long fileLimit;
    private final int maxMemoryBody;
    private final @Nullable FileTier files;
    private final ThreadPoolExecutor survivorWriter = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_SURVIVORS),
            Thread.ofVirtual().name("cache-survivors").factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    private long memoryUsed;
    /** Of these: heads and keys. */
    private long headsUsed;
    /** Of these: bodies that were evicted and are let go of at this moment. */
    private long memoryLeaving;
    /** Of these: bodies that were evicted, and that clients still take. */
    private long memoryHeld;

    private final List<SharedBytes> held = new ArrayList<>();
    private long fileUsed;
    /** Of these: in files that are deleted, and that somebody may still be reading. */
    private long fileDoomed;

    private long entries;
    private long evictions;
    private volatile boolean closed;

    private TieredCacheStore(long memoryLimit, long headLimit, long fileLimit, @Nullable Path directory)
            throws IOException {
        this.memoryLimit = memoryLimit;
        this.headLimit = headLimit;
        this.fileLimit = directory == null ? 0 : fileLimit;
        files = this.fileLimit == 0 || directory == null ? null : new FileTier(directory, this::freed);
        maxMemoryBody = (int)
                (files == null
                        ? Math.min(memoryLimit / 4, Integer.MAX_VALUE - 8)
                        : Math.min(memoryLimit / 16, MAX_MEMORY_BODY_BYTES));
    }

    /**
     * Opens a store and finds what an earlier process left in its files.
     *
     * @param memoryLimit bytes
     * @param fileLimit bytes; 0 for no files
     * @param directory of the files, this process's alone; null for no files
     * @param wanted whether a stored key is of a site that is still configured; if not, the entry is removed
     */
    public static TieredCacheStore open(
            long memoryLimit, long fileLimit, @Nullable Path directory, Predicate<CacheKey> wanted) throws IOException {
        return open(memoryLimit, Runtime.getRuntime().maxMemory() / HEAP_SHARE, fileLimit, directory, wanted);
    }

    /** @param headLimit bytes; what heads and keys may take of the memory */
    static TieredCacheStore open(
            long memoryLimit, long headLimit, long fileLimit, @Nullable Path directory, Predicate<CacheKey> wanted)
            throws IOException {
        var store = new TieredCacheStore(memoryLimit, headLimit, fileLimit, directory);
        if (store.files != null) {
            store.files.load(found -> store.adopt(found, wanted));
            LOG.info("{} stored answers found in {}", store.entries, directory);
        }
        return store;
    }

    private boolean adopt(FileTier.Found found, Predicate<CacheKey> wanted) {
        HeadFile head = found.head();
        if (!wanted.test(head.key()) || FileTier.cost(head.bodyLength()) > fileLimit) {
            return false;
        }
        var content = new Content(head.bodyLength(), null, found.body());
        var entry = new Entry(head.key(), head.head(), content, head.generations(), head.segment());
        synchronized (lock) {
            fileUsed += FileTier.cost(head.bodyLength());
        }
        return insert(entry, FileTier.cost(found.headBytes()));
    }

    @Override
    public List<Entry> find(CacheKey key) {
        List<Entry> found = index.get(key);
        return found == null ? List.of() : found;
    }

    @Override
    public Draft draft(long length) {
        return new Draft(this, length, maxMemoryBody, maxBodyBytes());
    }

    @Override
    public Draft passing(long length) {
        return new Draft(this, length, 0, 0);
    }

    @Override
    public long maxBodyBytes() {
        return Math.max(maxMemoryBody, fileLimit / 4);
    }

    @Override
    public boolean put(Entry entry) {
        FileBody file = entry.content().file();
        byte[] head = file == null ? null : headFile(entry, file);
        boolean stored = insert(entry, head == null ? 0 : FileTier.cost(head.length));
        if (stored && head != null && file != null) {
            writeHead(entry, file, head);
        }
        return stored;
    }

    private static byte[] headFile(Entry entry, FileBody file) {
        return new HeadFile(entry.key(), entry.head(), entry.generations(), entry.segment(), file.length(), file.sums())
                .encode();
    }

    private void writeHead(Entry entry, FileBody file, byte[] head) {
        FileTier tier = files;
        if (tier == null) {
            return;
        }
        try {
            tier.writeHead(file.id(), head);
        } catch (IOException e) {
            LOG.warn("A stored head could not be written: {}", file.path(), e);
        }
        // Evicted while we wrote: its head is ours to remove.
        boolean gone;
        synchronized (lock) {
            gone = entry.content().owner == null;
        }
        if (gone) {
            tier.removeHead(file.id());
        }
    }

    /** @param headFileBytes what its head takes on the disk */
    private boolean insert(Entry entry, long headFileBytes) {
        makeFileRoom(headFileBytes);
        var garbage = new Garbage();
        boolean stored;
        synchronized (lock) {
            stored = insertLocked(entry, headFileBytes, garbage);
            evict(0, garbage);
        }
        garbage.collect();
        return stored;
    }

    private boolean insertLocked(Entry entry, long headFileBytes, Garbage garbage) {
        Content content = entry.content();
        Entry before = content.owner;
        if (closed || (before == null && content.stored)) {
            return false; // the entry that this one renews was evicted
        }
        var whole = new ArrayList<Entry>();
        var segments = new ArrayList<Entry>();
        (entry.segment() == null ? whole : segments).add(entry);
        for (Entry old : find(entry.key())) {
            List<Entry> kept = old.segment() == null ? whole : segments;
            int most = old.segment() == null ? MAX_VARIANTS : MAX_SEGMENTS;
            if (old == before || entry.supersedes(old) || kept.size() >= most) {
                detach(old, old.content() != content, garbage);
            } else {
                kept.add(old);
            }
        }
        whole.addAll(segments);
        index.put(entry.key(), List.copyOf(whole));
        entries++;
        memoryUsed += entry.overheadBytes();
        headsUsed += entry.overheadBytes();
        fileUsed += headFileBytes - content.headFileBytes;
        content.headFileBytes = headFileBytes;
        content.owner = entry;
        content.stored = true;
        boolean inMemory = content.memory() != null || content.file() == null; // an empty body is in neither
        if (inMemory && content.memoryNode == null) {
            content.memoryNode = memoryOrder.add(content, worthBytes(content));
        }
        if (content.file() != null && content.fileNode == null) {
            content.fileNode = fileOrder.add(content, FileTier.cost(content.length()));
        }
        return true;
    }

    /** With its head: else a flood of small answers, such as of 404s, would be worth more than all the rest. */
    private static long worthBytes(Content content) {
        Entry owner = content.owner;
        return content.length() + (owner == null ? 0 : owner.overheadBytes());
    }

    /** Takes an entry's share out of the accounts; the index is the caller's. */
    private void detach(Entry entry, boolean withContent, Garbage garbage) {
        entries--;
        memoryUsed -= entry.overheadBytes();
        headsUsed -= entry.overheadBytes();
        if (entry.generations() != null) {
            garbage.generations.add(entry.generations());
        }
        if (withContent) {
            release(entry.content(), garbage);
        }
    }

    private void release(Content content, Garbage garbage) {
        content.owner = null;
        releaseMemory(content, garbage);
        FileBody file = content.file();
        if (content.fileNode != null) {
            fileOrder.remove(content.fileNode);
            content.fileNode = null;
        }
        if (file != null) {
            doom(content, file, garbage);
        }
    }

    /** The head's bytes are free at once, the body's when the last reader has gone. */
    private void doom(Content content, FileBody file, Garbage garbage) {
        fileUsed -= content.headFileBytes;
        content.headFileBytes = 0;
        fileDoomed += FileTier.cost(file.length());
        garbage.files.add(file);
    }

    private void freed(long bytes) {
        synchronized (lock) {
            fileUsed -= bytes;
            fileDoomed -= bytes;
            lock.notifyAll();
        }
    }

    private void releaseMemory(Content content, Garbage garbage) {
        if (content.memoryNode != null) {
            memoryOrder.remove(content.memoryNode);
            content.memoryNode = null;
        }
        SharedBytes bytes = content.memory();
        if (bytes != null) {
            content.memory(null);
            memoryLeaving += bytes.length();
            garbage.memory.add(bytes);
        }
    }

    /** What is let go of once the lock is free. */
    private final class Garbage {
        private final List<SharedBytes> memory = new ArrayList<>();
        private final List<FileBody> files = new ArrayList<>();
        private final List<Generations> generations = new ArrayList<>();

        void collect() {
            letGo();
            files.forEach(FileBody::delete);
            generations.forEach(Generations::close);
        }

        /** Memory that a client's answer still holds stays in the accounts: who takes no bytes must not grow them. */
        private void letGo() {
            if (memory.isEmpty()) {
                return;
            }
            List<SharedBytes> stillHeld =
                    memory.stream().filter(bytes -> !bytes.release()).toList();
            synchronized (lock) {
                for (SharedBytes bytes : memory) {
                    memoryLeaving -= bytes.length();
                    memoryUsed -= bytes.length();
                }
                for (SharedBytes bytes : stillHeld) {
                    memoryHeld += bytes.length();
                    memoryUsed += bytes.length();
                }
                held.addAll(stillHeld);
            }
        }
    }

    /** Takes out of the accounts what clients have let go of. */
    private void sweepHeld() {
        held.removeIf(bytes -> {
            boolean free = bytes.isFree();
            if (free) {
                memoryHeld -= bytes.length();
                memoryUsed -= bytes.length();
            }
            return free;
        });
    }

    /** Files are deleted before others are written in their place. */
    private void makeFileRoom(long bytes) {
        if (bytes > 0) {
            var garbage = new Garbage();
            synchronized (lock) {
                evict(bytes, garbage);
            }
            garbage.collect();
        }
    }

    /**
     * Makes the accounts fit their limits; files that are deleted and still being sent cannot be hurried.
     *
     * @param fileBytes room to be made for files beside what is there
     */
    private void evict(long fileBytes, Garbage garbage) {
        evictHeads(garbage);
        evictMemory(0, garbage);
        evictFiles(fileBytes, garbage);
    }

    private void evictHeads(Garbage garbage) {
        while (headsUsed > headLimit) {
            Content victim = fileOrder.victim();
            if (victim != null) {
                victim.fileNode = null;
            } else {
                victim = memoryOrder.victim();
                if (victim == null) {
                    break;
                }
                victim.memoryNode = null;
            }
            evictEntry(victim, garbage);
        }
    }

    private void evictMemory(long room, Garbage garbage) {
        sweepHeld();
        while (memoryUsed - memoryLeaving + room > memoryLimit) {
            Content victim = memoryOrder.victim();
            if (victim == null) {
                // What clients hold does not come back by giving up files.
                if (memoryUsed - memoryLeaving - memoryHeld + room <= memoryLimit) {
                    break;
                }
                victim = fileOrder.victim();
                if (victim == null) {
                    break;
                }
                victim.fileNode = null;
                evictEntry(victim, garbage);
            } else {
                victim.memoryNode = null;
                if (victim.file() != null) {
                    releaseMemory(victim, garbage);
                } else {
                    evictEntry(victim, garbage);
                }
            }
        }
    }

    private void evictFiles(long fileBytes, Garbage garbage) {
        while (fileUsed - fileDoomed + fileBytes > fileLimit) {
            Content victim = fileOrder.victim();
            if (victim == null) {
                break;
            }
            victim.fileNode = null;
            FileBody file = victim.file();
            if (victim.memory() != null && file != null) {
                victim.file(null); // the copy in memory stays, and may be written again when it is hit again
                doom(victim, file, garbage);
            } else {
                evictEntry(victim, garbage);
            }
        }
    }

    private void evictEntry(Content victim, Garbage garbage) {
        Entry entry = victim.owner;
        if (entry != null) {
            evictions++;
            unlist(entry);
            detach(entry, true, garbage);
        }
    }

    private void unlist(Entry entry) {
        index.computeIfPresent(entry.key(), (key, list) -> {
            List<Entry> rest = list.stream().filter(other -> other != entry).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    @Override
    public void remove(Entry entry) {
        var garbage = new Garbage();
        synchronized (lock) {
            if (find(entry.key()).contains(entry)) {
                unlist(entry);
                detach(entry, true, garbage);
            }
        }
        garbage.collect();
    }

    @Override
    public int remove(CacheKey key) {
        var garbage = new Garbage();
        int count;
        synchronized (lock) {
            List<Entry> list = find(key);
            count = list.size();
            index.remove(key);
            list.forEach(entry -> detach(entry, true, garbage));
        }
        garbage.collect();
        return count;
    }

    @Override
    public void forEach(Consumer<Entry> look) {
        index.values().forEach(list -> list.forEach(look));
    }

    @Override
    public int removeIf(Predicate<Entry> matches) {
        int count = 0;
        for (List<Entry> list : index.values()) {
            for (Entry entry : list) {
                if (matches.test(entry)) {
                    remove(entry);
                    count++;
                }
            }
        }
        return count;
    }

    @Override
    public void discard(Content content) {
        var garbage = new Garbage();
        synchronized (lock) {
            if (content.owner == null) {
                release(content, garbage);
            }
        }
        garbage.collect();
    }

    @Override
    public void touched(Entry entry) {
        Content content = entry.content();
        if (content.hit() % 64 == 0 && files != null && content.file() == null && content.length() > 0) {
            survivorWriter.execute(() -> writeSurvivor(entry));
        }
    }

    @Override
    public boolean prepare(Entry entry, long offset, long count) throws IOException {
        Content content = entry.content();
        try {
            if (!content.prepare(offset, count)) {
                return false;
            }
            if (content.memory() == null && content.length() <= maxMemoryBody && content.length() > 0) {
                lift(content);
            }
            return true;
        } catch (CorruptBodyException e) {
            LOG.warn("A stored answer is damaged and is removed: {}", e.getMessage());
            remove(entry);
            throw e;
        }
    }

    /** Copies a small body from its file into memory, since it is asked for. */
    private void lift(Content content) throws IOException {
        FileBody file = content.file();
        OpenFile open = file == null ? null : file.open();
        if (file == null || open == null) {
            return;
        }
        try {
            file.verify(0, content.length());
            if (!takeMemory(content.length())) {
                return;
            }
            SharedBytes bytes = SharedBytes.copyOf(file.read(open.channel(), 0, (int) content.length()));
            boolean taken;
            synchronized (lock) {
                taken = content.owner != null && content.memory() == null;
                if (taken) {
                    content.memory(bytes);
                    content.memoryNode = memoryOrder.add(content, worthBytes(content));
                }
            }
            if (!taken) {
                giveMemory(content.length());
                bytes.release();
            }
        } finally {
            open.release();
        }
    }

    private void writeSurvivor(Entry entry) {
        Content content = entry.content();
        SharedBytes bytes = content.memory();
        long cost = FileTier.cost(content.length());
        if (files == null || content.file() != null || bytes == null || !bytes.tryRetain()) {
            return;
        }
        try {
            if (takeFile(cost)) {
                FileDraft draft = files.create();
                try {
                    draft.append(bytes.view());
                } catch (IOException e) {
                    draft.abandon(() -> giveFile(cost)).release();
                    throw e;
                }
                attach(content, draft.finish());
            }
        } catch (IOException e) {
            LOG.debug("An entry could not be written into a file", e);
        } finally {
            bytes.release();
        }
    }

    /** From here on the file is the content's, if that is still stored. */
    private void attach(Content content, FileBody body) {
        Entry owner;
        byte[] head = null;
        makeFileRoom(FileTier.cost(1));
        var garbage = new Garbage();
        synchronized (lock) {
            owner = content.owner;
            if (owner == null || content.file() != null) {
                fileDoomed += FileTier.cost(body.length());
                garbage.files.add(body);
                owner = null;
            } else {
                head = headFile(owner, body);
                content.file(body);
                content.headFileBytes = FileTier.cost(head.length);
                fileUsed += content.headFileBytes;
                content.fileNode = fileOrder.add(content, FileTier.cost(content.length()));
                evict(0, garbage);
            }
        }
        garbage.collect();
        if (owner != null && head != null) {
            writeHead(owner, body, head);
        }
    }

    @Override
    public boolean takeMemory(long bytes) {
        for (int attempt = 0; attempt < MEMORY_ATTEMPTS; attempt++) {
            var garbage = new Garbage();
            synchronized (lock) {
                evictMemory(bytes, garbage);
            }
            garbage.collect();
            synchronized (lock) {
                if (closed) {
                    return false;
                }
                if (memoryUsed + bytes <= memoryLimit) {
                    memoryUsed += bytes;
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void giveMemory(long bytes) {
        synchronized (lock) {
            memoryUsed -= bytes;
        }
    }

    @Override
    public boolean takeFile(long bytes) {
        if (bytes > fileLimit) {
            return false;
        }
        long deadline = System.nanoTime() + FREED_PATIENCE_NANOS;
        while (true) {
            makeFileRoom(bytes);
            synchronized (lock) {
                if (closed) {
                    return false;
                }
                if (fileUsed + bytes <= fileLimit) {
                    fileUsed += bytes;
                    return true;
                }
                // Others took the room, or it is in deleted files that are being sent or closed this moment.
                if (System.nanoTime() - deadline >= 0) {
                    return false;
                }
                try {
                    lock.wait(1);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        }
    }

    @Override
    public void giveFile(long bytes) {
        synchronized (lock) {
            fileUsed -= bytes;
        }
    }

    @Override
    public @Nullable FileDraft file() throws IOException {
        return files == null ? null : files.create();
    }

    @Override
    public Usage usage() {
        synchronized (lock) {
            sweepHeld();
            return new Usage(entries, memoryUsed - memoryLeaving, fileUsed, evictions);
        }
    }

    /** Writes what waits to be written, for a few seconds at most; files stay, memory is given back. */
    @Override
    public void close() {
        survivorWriter.shutdown();
        try {
            if (!survivorWriter.awaitTermination(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                survivorWriter.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var garbage = new Garbage();
        synchronized (lock) {
            closed = true;
            index.values()
                    .forEach(list -> list.forEach(entry -> {
                        if (entry.generations() != null) {
                            garbage.generations.add(entry.generations());
                        }
                        releaseMemory(entry.content(), garbage);
                    }));
            index.clear();
        }
        garbage.collect();
    }
}
