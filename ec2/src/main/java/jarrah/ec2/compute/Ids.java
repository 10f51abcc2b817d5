package jarrah.ec2.compute;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Resource ids: a prefix, a dash and 17 hex digits; 8 digits are read too, as AWS's old ids had. */
public final class Ids {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{8}|[0-9a-f]{17}");

    private Ids() {}

    /** A new id, e.g. {@code i-0123456789abcdef0}. */
    public static String fresh(String prefix) {
        byte[] bytes = new byte[9];
        RANDOM.nextBytes(bytes);
        return prefix + "-" + HexFormat.of().formatHex(bytes).substring(1);
    }

    /** A locally administered MAC address. */
    static String mac() {
        byte[] bytes = new byte[5];
        RANDOM.nextBytes(bytes);
        return "02:" + HexFormat.ofDelimiter(":").formatHex(bytes);
    }

    /** Whether the text has the form of an id with this prefix. */
    public static boolean wellFormed(String id, String prefix) {
        return id.startsWith(prefix + "-")
                && DIGITS.matcher(id.substring(prefix.length() + 1)).matches();
    }

    /** The id, if it has the form of one. */
    public static String require(String id, String prefix, Ec2Error malformed, String what) {
        if (!wellFormed(id, prefix)) {
            throw malformed.because("Invalid id: \"" + id + "\" (expecting \"" + prefix + "-...\" for " + what + ")");
        }
        return id;
    }
}
