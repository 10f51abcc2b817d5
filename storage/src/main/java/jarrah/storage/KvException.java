package jarrah.storage;

/** What a {@link Kv} can fail with besides its callers' own mistakes. */
public abstract sealed class KvException extends RuntimeException {
    private KvException(String message) {
        super(message);
    }

    private KvException(String message, Throwable cause) {
        super(message, cause);
    }

    /** A sync failed or the disk refused a write: the map can be read and takes no more changes until it is reopened. */
    public static final class ReadOnly extends KvException {
        public ReadOnly(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The disk is full: nothing was written; later transactions succeed once there is space. */
    public static final class DiskFull extends KvException {
        public DiskFull(String message) {
            super(message);
        }
    }

    /** Bytes that were read do not match their checksum. */
    public static final class Corrupt extends KvException {
        public Corrupt(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A transaction beyond the limits that {@link Kv} names. */
    public static final class TooLarge extends KvException {
        public TooLarge(String message) {
            super(message);
        }
    }
}
