package jarrah.accelerator.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a Range field asks of a representation whose length is known (RFC 9110, 14.1.2 and 14.2). */
public sealed interface ByteRanges {
    /** There is no range that counts: send the whole, as a server may always do. */
    record Whole() implements ByteRanges {}

    /** 416: no range lies within the representation. */
    record Unsatisfiable() implements ByteRanges {}

    /** 206 with these, in the order asked for, none overlapping another. */
    record Parts(List<Part> parts) implements ByteRanges {}

    /** A stretch of bytes. */
    record Part(long offset, long length) {
        /** The value of Content-Range. */
        public String contentRange(long total) {
            return "bytes " + offset + '-' + (offset + length - 1) + '/' + total;
        }
    }

    /** The most ranges that are read; a request for more is served whole (RFC 9110, 17.15). */
    int MAX_RANGES = 32;

    Whole WHOLE = new Whole();

    /**
     * Reads a Range field.
     *
     * @param value the field; null if there is none. Another unit than bytes, or anything malformed, is ignored (14.2)
     * @param total length of the representation, bytes
     */
    static ByteRanges of(@Nullable String value, long total) {
        if (value == null || !value.regionMatches(true, 0, "bytes=", 0, 6)) {
            return WHOLE;
        }
        var parts = new ArrayList<Part>();
        String[] specs = value.substring(6).split(",", MAX_RANGES + 1);
        if (specs.length > MAX_RANGES) {
            return WHOLE;
        }
        for (String text : specs) {
            String spec = text.strip();
            int dash = spec.indexOf('-');
            if (spec.isEmpty()) {
                continue; // an empty member of a list (5.6.1.2)
            }
            if (dash < 0 || !add(spec.substring(0, dash), spec.substring(dash + 1), total, parts)) {
                return WHOLE;
            }
        }
        return parts.isEmpty() ? new Unsatisfiable() : combined(parts);
    }

    /** Adds what of one range lies within the representation; false if it is malformed. */
    private static boolean add(String first, String last, long total, List<Part> parts) {
        long from = position(first);
        long to = position(last);
        boolean nothing = from < 0 && to < 0;
        boolean backwards = from >= 0 && to >= 0 && to < from;
        if (from == MALFORMED || to == MALFORMED || nothing || backwards) {
            return false;
        }
        if (from < 0) {
            long length = Math.min(to, total); // the last bytes
            if (length > 0) {
                parts.add(new Part(total - length, length));
            }
        } else if (from < total) {
            long end = to < 0 ? total : Math.min(total, to + 1);
            parts.add(new Part(from, end - from));
        }
        return true;
    }

    long MALFORMED = -2;

    /** Digits to a number, at most 10^18; -1 for nothing. */
    private static long position(String text) {
        if (text.isEmpty()) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return MALFORMED;
            }
            value = Math.min(1_000_000_000_000_000_000L, value * 10 + digit);
        }
        return value;
    }

    /**
     * RFC 9110, 15.3.7.2 lets a server combine ranges that overlap or nearly touch; done only where some do, so that
     * the order asked for is otherwise kept.
     */
    private static ByteRanges combined(List<Part> parts) {
        var sorted = new ArrayList<>(parts);
        sorted.sort(Comparator.comparingLong(Part::offset));
        var merged = new ArrayList<Part>();
        for (Part part : sorted) {
            Part last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && part.offset() <= last.offset() + last.length()) {
                long end = Math.max(last.offset() + last.length(), part.offset() + part.length());
                merged.set(merged.size() - 1, new Part(last.offset(), end - last.offset()));
            } else {
                merged.add(part);
            }
        }
        return new Parts(List.copyOf(merged.size() == parts.size() ? parts : merged));
    }
}
