package jarrah.s3.store;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which version of an object: the null version, or one of a versioned bucket.
 *
 * <p>On the wire it is 32 hexadecimal digits that a client can make nothing of: the version's number in the store, mixed
 * with random bits that stand beside it. So an id leads to its record without a table of ids, a guessed one is found
 * out, and nobody reads from two ids how much was written between them.
 *
 * @param number of the change that put it; ascending, orders the versions of a key
 * @param salt random; 0 for the null version
 */
public record VersionId(long number, long salt) {
    /** The null version on the wire. */
    public static final String NULL = "null";

    private static final HexFormat HEX = HexFormat.of();
    private static final int DIGITS = 32;

    /** The null version that the change of this number put. */
    static VersionId none(long number) {
        return new VersionId(number, 0);
    }

    /** Random bits for a version to be. */
    static long newSalt() {
        long salt = ThreadLocalRandom.current().nextLong();
        return salt == 0 ? 1 : salt;
    }

    /** Whether it is the null version. */
    public boolean isNull() {
        return salt == 0;
    }

    /** Whether it is what a client asked for; of the null version there is one, whatever its number. */
    boolean answers(VersionId asked) {
        return asked.isNull() ? isNull() : equals(asked);
    }

    /** As it stands on the wire. */
    public String text() {
        return isNull() ? NULL : HEX.toHexDigits(mixed(salt) ^ number) + HEX.toHexDigits(salt);
    }

    /** The version that a client names; null if the text cannot be an id. */
    public static @Nullable VersionId parse(String text) {
        if (text.equals(NULL)) {
            return none(0);
        }
        if (text.length() != DIGITS || !text.chars().allMatch(HexFormat::isHexDigit)) {
            return null;
        }
        long salt = HexFormat.fromHexDigitsToLong(text, DIGITS / 2, DIGITS);
        long number = HexFormat.fromHexDigitsToLong(text, 0, DIGITS / 2) ^ mixed(salt);
        return salt == 0 || number < 0
                ? new VersionId(Long.MAX_VALUE, salt == 0 ? 1 : salt)
                : new VersionId(number, salt);
    }

    /** Spreads each bit over all others, by the finalizer of SplitMix64. */
    private static long mixed(long salt) {
        long z = salt + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public String toString() {
        return text();
    }
}
