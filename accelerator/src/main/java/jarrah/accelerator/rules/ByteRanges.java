package jarrah.accelerator.rules;

import jarrah.http.ByteRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a Range field comes to on a representation whose length is known (RFC 9110, 14.2). */
public sealed interface ByteRanges {
    /** There is no range that counts: send the whole, as a server may always do. */
    record Whole() implements ByteRanges {}

    /** 416: no range lies within the representation. */
    record Unsatisfiable() implements ByteRanges {}

    /** 206 with these, in the order asked for, none overlapping another. */
    record Parts(List<ByteRange> parts) implements ByteRanges {}

    /** The only value of {@link Whole}. */
    Whole WHOLE = new Whole();

    /**
     * Reads a Range field.
     *
     * @param value the field; null if there is none. Another unit than bytes, or anything malformed, is ignored (14.2)
     * @param total length of the representation, bytes
     */
    static ByteRanges of(@Nullable String value, long total) {
        if (value == null) {
            return WHOLE;
        }
        var specs = ByteRange.parse(value);
        if (specs.isEmpty()) {
            return WHOLE;
        }
        List<ByteRange> ranges = ByteRange.resolve(specs.get(), total);
        return ranges.isEmpty() ? new Unsatisfiable() : new Parts(combined(ranges));
    }

    /**
     * RFC 9110, 15.3.7.2 lets a server combine ranges that overlap or touch, so that no byte is sent twice; done only
     * where some do, so that the order asked for is otherwise kept.
     */
    private static List<ByteRange> combined(List<ByteRange> ranges) {
        if (ranges.size() == 1) {
            return ranges;
        }
        var sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(ByteRange::first));
        var merged = new ArrayList<ByteRange>();
        for (ByteRange range : sorted) {
            ByteRange before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && range.first() <= before.last() + 1) {
                merged.set(merged.size() - 1, new ByteRange(before.first(), Math.max(before.last(), range.last())));
            } else {
                merged.add(range);
            }
        }
        return merged.size() == ranges.size() ? ranges : merged;
    }
}
