package jarrah.images.bundle;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/** The digest that the format prescribes. */
final class Sha1 {
    private Sha1() {}

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
