package jarrah.machine;

import java.io.IOException;

/** QEMU refused a command; the message is QEMU's own description. */
public final class QmpException extends IOException {
    private static final long serialVersionUID = 1;

    private final String errorClass;

    QmpException(String command, String errorClass, String description) {
        super(command + ": " + description);
        this.errorClass = errorClass;
    }

    /** QMP's error class, e.g. {@code GenericError} or {@code DeviceNotFound}. */
    public String errorClass() {
        return errorClass;
    }
}
