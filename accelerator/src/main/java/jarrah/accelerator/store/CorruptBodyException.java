package jarrah.accelerator.store;

import java.io.IOException;

/** A stored file does not hold what was stored: torn, cut or flipped. */
public final class CorruptBodyException extends IOException {
    public CorruptBodyException(String message) {
        super(message);
    }
}
