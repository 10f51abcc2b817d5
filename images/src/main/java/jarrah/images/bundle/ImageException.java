package jarrah.images.bundle;

/**
 * A bundle that cannot be used, by its own fault or by that of whoever brought it; the message is one line for a person and
 * names what was found where. Faults of disk and network are {@link java.io.IOException}.
 */
public abstract sealed class ImageException extends RuntimeException {
    private ImageException(String message) {
        super(message);
    }

    /** The manifest is not one, or breaks a rule of the format. */
    public static final class MalformedManifest extends ImageException {
        public MalformedManifest(String message) {
            super("the manifest " + message);
        }
    }

    /**
     * The private key does not open the bundle. One error whatever the reason, a wrong key, bad padding or bad content, so
     * that it tells an attacker nothing.
     */
    public static final class WrongKey extends ImageException {
        public WrongKey() {
            super("the private key does not open this bundle");
        }
    }

    /** A part is not the one that the manifest describes. */
    public static final class WrongPart extends ImageException {
        public WrongPart(String fileName, String reason) {
            super("part " + fileName + " " + reason);
        }
    }

    /** The parts are as described, but what they hold is not the image that the manifest describes. */
    public static final class CorruptImage extends ImageException {
        public CorruptImage(String message) {
            super(message);
        }
    }

    /** A file of PEM text holds no key or certificate that can be used. */
    public static final class UnusableKey extends ImageException {
        public UnusableKey(String message) {
            super(message);
        }
    }

    /** What was asked for cannot be bundled. */
    public static final class CannotBundle extends ImageException {
        public CannotBundle(String message) {
            super(message);
        }
    }
}
