package jarrah.accelerator.vcl;

/** Text that is no VCL, or that cannot be read; the message is one line with its place. */
public final class VclException extends Exception {
    VclException(String message) {
        super(message);
    }
}
