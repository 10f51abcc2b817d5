package jarrah.s3.store;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Which part trees are being read, or made for a replica, in this process: their parts are opened one by one as a reader
 * comes to them, so the sweeper leaves them alone until he is done. (A single blob needs no pin: an open file can be read
 * to its end.)
 */
final class Pins {
    private final ConcurrentHashMap<String, Integer> readers = new ConcurrentHashMap<>();

    void pin(String uploadId) {
        readers.merge(uploadId, 1, Integer::sum);
    }

    void unpin(String uploadId) {
        readers.computeIfPresent(uploadId, (_, count) -> count == 1 ? null : count - 1);
    }

    boolean isPinned(String uploadId) {
        return readers.containsKey(uploadId);
    }
}
