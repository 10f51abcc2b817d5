package jarrah.s3.store;

import jarrah.storage.BlobException;
import jarrah.storage.Kv;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the space of what nobody refers to any more; a background thread of its own, or by hand in tests.
 *
 * <p>Each step can be repeated after a crash: files are deleted first, durably, and only then the record that led to
 * them.
 */
public final class Sweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    private static final Duration PAUSE = Duration.ofSeconds(30);
    /** Records looked at in one go; with files to delete, so it bounds one go's time. */
    private static final int BATCH = 200;

    private final Backing backing;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    Sweeper(Backing backing) {
        this.backing = backing;
    }

    /** Starts to sweep now and then, on a virtual thread, until closed. */
    public synchronized void start() {
        if (thread == null) {
            thread = Thread.ofVirtual().name("s3-sweeper").start(this::run);
        }
    }

    private void run() {
        try {
            do {
                try {
                    sweepOnce();
                } catch (S3Exception | BlobException failed) {
                    LOG.warn("Sweeping goes on later: {}", failed.getMessage());
                }
            } while (!stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Renews this process's leases, claims those that ran out, deletes what is due. */
    public void sweepOnce() {
        Instant now = backing.now();
        backing.leases.renewAll();
        claimLeases(now);
        sweepClaimed();
        collectGarbage(now);
    }

    private void claimLeases(Instant now) {
        byte[] all = Keys.all('l');
        for (Kv.Entry lease : allOf(all)) {
            if (BlobLeases.isOver(lease, now)) {
                backing.transact(tx -> claim(tx, lease.key(), now));
            }
        }
    }

    // The uploads under the lease cannot be referred to from here on; those that were are known by their `f` record.
    private static boolean claim(Kv.Tx tx, byte[] key, Instant now) {
        byte[] until = tx.get(key);
        if (until == null || !BlobLeases.isOver(new Kv.Entry(key, until), now)) {
            return false;
        }
        tx.delete(key);
        tx.put(Keys.claimed(Keys.leaseOf(key)), new byte[] {1});
        return true;
    }

    private void sweepClaimed() {
        for (Kv.Entry claimed : allOf(Keys.all('x'))) {
            List<String> unused = BlobLeases.ids(Keys.leaseOf(claimed.key())).stream()
                    .filter(id -> backing.get(Keys.blob(id)) == null)
                    .toList();
            backing.blobs.delete(unused);
            remove(claimed.key());
        }
    }

    private List<Kv.Entry> allOf(byte[] prefix) {
        var all = new ArrayList<Kv.Entry>();
        byte[] from = prefix;
        while (true) {
            List<Kv.Entry> page = backing.scan(from, Keys.behind(prefix), BATCH);
            all.addAll(page);
            if (page.size() < BATCH) {
                return all;
            }
            from = Keys.next(page.getLast().key());
        }
    }

    private void remove(byte[] key) {
        backing.transact(tx -> {
            tx.delete(key);
            return true;
        });
    }

    private void collectGarbage(Instant now) {
        byte[] from = Keys.all('g');
        byte[] to = Keys.garbage(now.toEpochMilli() + 1, 0);
        while (true) {
            List<Kv.Entry> due = backing.scan(from, to, BATCH);
            collectBlobs(due);
            for (Kv.Entry entry : due) {
                Garbage garbage = Garbage.of(entry.value());
                if (garbage.kind() != Garbage.Kind.BLOB && collect(entry.key(), garbage)) {
                    remove(entry.key());
                }
            }
            if (due.size() < BATCH) {
                return;
            }
            from = Keys.next(due.getLast().key());
        }
    }

    /** Single blobs are many and go together: one sync for all in a directory, one transaction. */
    private void collectBlobs(List<Kv.Entry> due) {
        List<Kv.Entry> blobs = due.stream()
                .filter(entry -> Garbage.of(entry.value()).kind() == Garbage.Kind.BLOB)
                .toList();
        if (blobs.isEmpty()) {
            return;
        }
        backing.blobs.delete(
                blobs.stream().map(entry -> Garbage.of(entry.value()).id()).toList());
        backing.transact(tx -> {
            blobs.forEach(entry -> tx.delete(entry.key()));
            return true;
        });
    }

    /** Whether it is done; else it is tried again later. */
    private boolean collect(byte[] note, Garbage garbage) {
        return switch (garbage.kind()) {
            case PARTS -> collectParts(note, garbage.id());
            case UNUSED_PARTS -> collectUnusedParts(garbage.id());
            case COMPLETION -> {
                remove(Keys.completed(garbage.id()));
                yield true;
            }
            case BUCKET_UPLOADS -> removeLeftOf(HexFormat.fromHexDigitsToLong(garbage.id()));
            case BLOB -> throw new IllegalStateException("Blobs are collected together");
        };
    }

    // See ContentReader: whoever pinned the parts before the index went away is seen here, and who comes later finds
    // no index. Parts of a replica are pinned until their note is gone (PartCopies).
    private boolean collectParts(byte[] note, String uploadId) {
        if (backing.pins.isPinned(uploadId)) {
            return false;
        }
        if (backing.get(note) == null) {
            return true;
        }
        backing.transact(tx -> {
            PartIndex.delete(tx, uploadId);
            return true;
        });
        if (backing.pins.isPinned(uploadId)) {
            return false;
        }
        removeParts(uploadId, null);
        return true;
    }

    private boolean collectUnusedParts(String uploadId) {
        PartIndex index = PartIndex.read(backing::get, uploadId);
        if (index != null) { // else the object is gone too, and all parts with it
            removeParts(uploadId, index);
        }
        return true;
    }

    private void removeParts(String uploadId, @Nullable PartIndex used) {
        byte[] from = Keys.part(uploadId, 0);
        byte[] to = Keys.part(uploadId, Limits.MAX_PARTS + 1);
        while (true) {
            List<Kv.Entry> page = backing.scan(from, to, BATCH);
            List<Part> parts = page.stream()
                    .map(entry -> Records.part(Keys.partNumber(entry.key()), entry.value()))
                    .filter(part -> used == null || !used.has(part.number()))
                    .toList();
            backing.blobs.delete(parts.stream()
                    .filter(part -> part.content() instanceof Content.Blob)
                    .map(part -> ((Content.Blob) part.content()).id())
                    .toList());
            backing.transact(tx -> {
                parts.forEach(part -> removePart(tx, uploadId, part));
                return true;
            });
            if (page.size() < BATCH) {
                return;
            }
            from = Keys.next(page.getLast().key());
        }
    }

    private static void removePart(Kv.Tx tx, String uploadId, Part part) {
        tx.delete(Keys.part(uploadId, part.number()));
        switch (part.content()) {
            case Content.Blob(String id) -> tx.delete(Keys.blob(id));
            case Content.Small(long id) -> tx.delete(Keys.small(id));
            case Content.Empty() -> {}
            case Content.Parts(String nested) -> throw new IllegalStateException("A part made of parts: " + nested);
        }
    }

    private boolean removeLeftOf(long bucketId) {
        allOf(Keys.settings(bucketId)).forEach(setting -> remove(setting.key()));
        Instant now = backing.now();
        for (Kv.Entry entry : allOf(Keys.uploads(bucketId, new byte[0]))) {
            backing.transact(tx -> {
                Multipart.end(tx, entry.key(), Keys.uploadIdOf(entry.key()), now);
                return true;
            });
        }
        return true;
    }

    /** How many things wait to be given back. */
    public long waiting() {
        return allOf(Keys.all('g')).size();
    }

    /** Ends the thread after the sweep that it is in. */
    @Override
    public synchronized void close() {
        stop.countDown();
        Thread running = thread;
        if (running == null) {
            return;
        }
        try {
            running.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
