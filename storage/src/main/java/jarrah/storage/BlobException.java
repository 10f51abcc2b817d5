package jarrah.storage;

import org.jspecify.annotations.Nullable;

/** What {@link Blobs} can fail with. */
public abstract sealed class BlobException extends RuntimeException {
    private BlobException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** There is no such blob. */
    public static final class Missing extends BlobException {
        public Missing(String id) {
            super("There is no blob " + id, null);
        }
    }

    /** Bytes differ from their checksum, or a file is not what was written. */
    public static final class Corrupt extends BlobException {
        public Corrupt(String message) {
            super(message, null);
        }
    }

    /** No room for more bytes; deleting and reading go on, and writing too once there is room. */
    public static final class DiskFull extends BlobException {
        public DiskFull(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A sync failed, so nothing that is written can be vouched for until the process was restarted. */
    public static final class ReadOnly extends BlobException {
        public ReadOnly(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The disk failed otherwise. */
    public static final class Failed extends BlobException {
        public Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
