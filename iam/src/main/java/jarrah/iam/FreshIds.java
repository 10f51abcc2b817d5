package jarrah.iam;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Ids and secrets of the shapes that AWS gives them, from the system's secure random source. */
final class FreshIds {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final String SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private FreshIds() {}

    /** Twelve digits, the first not zero: tools that read ids as numbers would drop it. */
    static String accountId() {
        return (1 + RANDOM.nextInt(9)) + pick("0123456789", 11);
    }

    static String canonicalId() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static String userId() {
        return "AIDA" + pick(UPPER, 17);
    }

    static String accessKeyId() {
        return "AKIA" + pick(UPPER, 16);
    }

    static String secretAccessKey() {
        return pick(SECRET, 40);
    }

    static String certificateId() {
        return pick(UPPER, 32);
    }

    private static String pick(String alphabet, int count) {
        var text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append(alphabet.charAt(RANDOM.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
