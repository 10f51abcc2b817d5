package jarrah.storage;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which chunks of which blobs were found whole since the start, for {@link VerifyMode#FIRST_READ}. Bounded: the blobs
 * that were opened longest ago are forgotten, and verified again. Guarded by itself.
 */
final class VerifiedChunks {
    /** About 10 MB when full. */
    private static final int MAX_BLOBS = 65_536;

    private final LinkedHashMap<String, Seen> blobs = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
            return size() > MAX_BLOBS;
        }
    };

    /** What is known of a blob; made anew if its file changed since. */
    synchronized Seen of(String id, long length, long modifiedNanos) {
        Seen seen = blobs.get(id);
        if (seen == null || seen.length != length || seen.modifiedNanos != modifiedNanos) {
            seen = new Seen(length, modifiedNanos);
            blobs.put(id, seen);
        }
        return seen;
    }

    synchronized void forget(String id) {
        blobs.remove(id);
    }

    /** The chunks of one blob; guarded by itself. */
    static final class Seen {
        private final long length;
        private final long modifiedNanos;
        private final BitSet whole = new BitSet();
        private volatile boolean all;

        private Seen(long length, long modifiedNanos) {
            this.length = length;
            this.modifiedNanos = modifiedNanos;
        }

        /** The first chunk from one on that was not found whole yet; the end if there is none before it. */
        long nextUnseen(long chunk, long end) {
            if (all) {
                return end;
            }
            synchronized (this) {
                return Math.min(whole.nextClearBit((int) chunk), end);
            }
        }

        synchronized void add(long chunk) {
            whole.set((int) chunk);
            if (whole.cardinality() == BlobFormat.chunks(length)) {
                all = true;
                whole.clear();
            }
        }
    }
}
