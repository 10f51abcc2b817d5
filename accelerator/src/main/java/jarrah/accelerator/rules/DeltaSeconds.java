package jarrah.accelerator.rules;

/** Numbers of seconds as RFC 9111, 1.2.2 has them: decimal digits alone, and what is too large counts as 2^31. */
public final class DeltaSeconds {
    /** What a number beyond our range counts as. */
    public static final long MAX = 1L << 31;

    private DeltaSeconds() {}

    /** The number; -1 if the text is anything but digits (a sign, a fraction, quotes, nothing at all). */
    public static long parse(String text) {
        if (text.isEmpty()) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = Math.min(MAX, value * 10 + digit);
        }
        return value;
    }
}
