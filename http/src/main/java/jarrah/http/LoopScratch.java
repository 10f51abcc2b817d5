package jarrah.http;

/** Memory that the connections of one event loop share, since only one of them works at a time. */
final class LoopScratch {
    private final HeadWriter writer = new HeadWriter();
    private byte[] bytes = new byte[4096];

    HeadWriter writer() {
        return writer;
    }

    /** An array of at least that size; its contents are gone at the next call. */
    byte[] bytes(int size) {
        if (bytes.length < size) {
            bytes = new byte[Math.max(size, 2 * bytes.length)];
        }
        return bytes;
    }
}
