package jarrah.accelerator.store;

import jarrah.http.ByteRange;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a representation a stored partial answer holds (RFC 9111, 3.3).
 *
 * @param range the bytes, within the representation
 * @param total length of the whole representation, bytes
 */
public record Segment(ByteRange range, long total) {
    public Segment {
        if (range.last() >= total) {
            throw new IllegalArgumentException(range + " of " + total);
        }
    }

    /**
     * What an answer of 206 holds.
     *
     * @param contentRange the field (RFC 9110, 14.4)
     * @param asked the only range that was asked for
     * @param length of the body, bytes; -1 if unknown
     * @return null if it is not exactly what was asked for, or does not say how long the whole is
     */
    public static @Nullable Segment of(@Nullable String contentRange, ByteRange.Spec asked, long length) {
        String text = contentRange == null ? "" : contentRange.strip().toLowerCase(Locale.ROOT);
        int slash = text.indexOf('/');
        if (!text.startsWith("bytes ") || slash < 0 || !isNumber(text.substring(slash + 1))) {
            return null;
        }
        long total = Long.parseLong(text.substring(slash + 1));
        var ranges = ByteRange.resolve(List.of(asked), total);
        if (ranges.isEmpty() || (length >= 0 && length != ranges.getFirst().length())) {
            return null;
        }
        var segment = new Segment(ranges.getFirst(), total);
        return text.equals(segment.range().contentRange(total)) ? segment : null;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Whether it is all there is. */
    public boolean isWhole() {
        return range.length() == total;
    }

    boolean covers(Segment other) {
        return range.first() <= other.range.first() && range.last() >= other.range.last();
    }
}
