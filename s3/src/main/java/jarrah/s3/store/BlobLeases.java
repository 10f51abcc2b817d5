package jarrah.s3.store;

import jarrah.storage.Blobs;
import jarrah.storage.Kv;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Ids for blobs that nobody refers to yet, so that a crash leaves no file that nobody knows of.
 *
 * <p>Before a file is written, a lease that covers its id is in the Kv; the transaction that refers to the blob demands
 * that the lease is still there. A lease that ran out is claimed by a sweeper, in a transaction of its own, and then the
 * files under it that were not referred to are deleted: whichever of the two transactions comes first, an acknowledged
 * blob is never deleted and a deleted one is never acknowledged.
 *
 * <p>A lease covers 256 ids (its 15 random bytes and one that counts), so a put seldom pays for one. It is never given
 * back: when its ids are used it is left to run out, and the sweeper finds nothing to delete.
 */
final class BlobLeases {
    /** A lease holds so long after it was last renewed; an upload that moves renews it at half of that. */
    static final Duration DURATION = Duration.ofMinutes(10);

    private static final int IDS = 256;

    private final Backing backing;
    /** Held over the transaction of a new lease: who else needs an id needs that lease. */
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable Lease current;

    /** Leases that uploads of this process depend on; guarded by itself. */
    private final Set<Lease> inUse = new HashSet<>();

    BlobLeases(Backing backing) {
        this.backing = backing;
    }

    /** A fresh id under a lease, to be closed when the blob is referred to or given up. */
    Ticket take() {
        lock.lock();
        try {
            Lease lease = current;
            if (lease == null || lease.next == IDS || lease.lost || lease.isOld(backing.now())) {
                lease = new Lease(Blobs.newId().substring(0, 2 * Keys.LEASE_BYTES));
                begin(lease);
                current = lease;
            }
            return new Ticket(lease, lease.name + "%02x".formatted(lease.next++));
        } finally {
            lock.unlock();
        }
    }

    private void begin(Lease lease) {
        Instant until = backing.now().plus(DURATION);
        backing.transact(tx -> {
            tx.put(Keys.lease(lease.name), time(until));
            return lease;
        });
        lease.until = until;
    }

    /** Renews the leases that uploads of this process depend on, if they are half over. */
    void renewAll() {
        List<Lease> leases;
        synchronized (inUse) {
            leases = List.copyOf(inUse);
        }
        leases.forEach(this::renew);
    }

    private void renew(Lease lease) {
        Instant now = backing.now();
        if (lease.lost || !lease.isOld(now)) {
            return;
        }
        Instant until = now.plus(DURATION);
        boolean there = backing.transact(tx -> {
            if (tx.get(Keys.lease(lease.name)) == null) {
                return false;
            }
            tx.put(Keys.lease(lease.name), time(until));
            return true;
        });
        if (there) {
            lease.until = until;
        } else {
            lease.lost = true;
        }
    }

    /** The names of leases that ran out. */
    static boolean isOver(Kv.Entry lease, Instant now) {
        return ByteBuffer.wrap(lease.value()).getLong() < now.toEpochMilli();
    }

    private static byte[] time(Instant instant) {
        return ByteBuffer.allocate(8).putLong(instant.toEpochMilli()).array();
    }

    /** The ids that a lease covers. */
    static List<String> ids(String lease) {
        return java.util.stream.IntStream.range(0, IDS)
                .mapToObj(i -> lease + "%02x".formatted(i))
                .toList();
    }

    private static final class Lease {
        final String name;
        /** The next id; guarded by the leases' lock. */
        int next;
        /** How many tickets depend on it; guarded by inUse. */
        int tickets;

        volatile Instant until = Instant.MIN;
        volatile boolean lost;

        Lease(String name) {
            this.name = name;
        }

        boolean isOld(Instant now) {
            return now.isAfter(until.minus(DURATION.dividedBy(2)));
        }
    }

    /** The right to write one blob; used by one thread. */
    final class Ticket implements AutoCloseable {
        final String id;
        private final Lease lease;

        private Ticket(Lease lease, String id) {
            this.lease = lease;
            this.id = id;
            synchronized (inUse) {
                lease.tickets++;
                inUse.add(lease);
            }
        }

        /** To be called now and then while the blob is written. */
        void keep() {
            renew(lease);
            requireHeld(!lease.lost);
        }

        /** Makes the blob one that is referred to, in the transaction that refers to it. */
        void refer(Kv.Tx tx) {
            requireHeld(tx.get(Keys.lease(lease.name)) != null);
            tx.put(Keys.blob(id), new byte[] {1});
        }

        private static void requireHeld(boolean held) {
            if (!held) {
                throw new S3Exception.Unavailable("the upload stood still for too long and was given up");
            }
        }

        @Override
        public void close() {
            synchronized (inUse) {
                if (--lease.tickets == 0) {
                    inUse.remove(lease);
                }
            }
        }
    }
}
