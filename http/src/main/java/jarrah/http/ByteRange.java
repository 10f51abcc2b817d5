package jarrah.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A range of a representation's bytes, both ends included (RFC 9110, 14).
 *
 * @param first offset of the first byte
 * @param last offset of the last byte, not less than first
 */
public record ByteRange(long first, long last) {
    /** A field with more ranges than that is ignored: nobody needs them, and they cost the server (RFC 9110, 17.15). */
    public static final int MAX_RANGES = 100;

    public ByteRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException(first + "-" + last);
        }
    }

    /** The number of bytes. */
    public long length() {
        return last - first + 1;
    }

    /** The value of {@code Content-Range} for this range of that many bytes, e.g. {@code bytes 0-9/100}. */
    public String contentRange(long complete) {
        return "bytes " + first + "-" + last + "/" + complete;
    }

    /** The value of {@code Content-Range} for a 416, e.g. {@code bytes &#42;/100}. */
    public static String unsatisfiedContentRange(long complete) {
        return "bytes */" + complete;
    }

    /** What a Range field asks for: each spec with an open end, or a number of bytes from the end. */
    public sealed interface Spec {
        /** From an offset up to another, {@link Long#MAX_VALUE} for the end. */
        record From(long first, long last) implements Spec {
            @Override
            public String field() {
                return "bytes=" + first + "-" + (last == Long.MAX_VALUE ? "" : last);
            }
        }

        /** The last bytes. */
        record Suffix(long length) implements Spec {
            @Override
            public String field() {
                return "bytes=-" + length;
            }
        }

        /** The value of a Range field that asks for this alone. */
        String field();
    }

    /**
     * Reads the value of a Range field.
     *
     * @return the specs in order, at least one; empty if the field is to be ignored: another unit, a grammar that is
     *     broken, more than {@link #MAX_RANGES}
     */
    public static Optional<List<Spec>> parse(String value) {
        int equals = value.indexOf('=');
        if (equals < 0 || !value.substring(0, equals).equalsIgnoreCase("bytes")) {
            return Optional.empty();
        }
        var specs = new ArrayList<Spec>();
        for (String part : value.substring(equals + 1).split(",", -1)) {
            String text = stripBlanks(part);
            if (text.isEmpty()) {
                continue; // RFC 9110, 5.6.1.2: empty elements of a list are passed over
            }
            Optional<Spec> spec = spec(text);
            if (spec.isEmpty() || specs.size() == MAX_RANGES) {
                return Optional.empty();
            }
            specs.add(spec.get());
        }
        return specs.isEmpty() ? Optional.empty() : Optional.of(specs);
    }

    private static Optional<Spec> spec(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            return Optional.empty();
        }
        String before = text.substring(0, dash);
        String after = text.substring(dash + 1);
        if (!isDigits(before) || !isDigits(after) || (before.isEmpty() && after.isEmpty())) {
            return Optional.empty();
        }
        if (before.isEmpty()) {
            return Optional.of(new Spec.Suffix(clamped(after)));
        }
        long first = clamped(before);
        long last = after.isEmpty() ? Long.MAX_VALUE : clamped(after);
        return last < first ? Optional.empty() : Optional.of(new Spec.From(first, last));
    }

    private static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** A number too big for a long counts as the biggest long: no representation reaches so far. */
    private static long clamped(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static String stripBlanks(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && (text.charAt(from) == ' ' || text.charAt(from) == '\t')) {
            from++;
        }
        while (to > from && (text.charAt(to - 1) == ' ' || text.charAt(to - 1) == '\t')) {
            to--;
        }
        return text.substring(from, to);
    }

    /**
     * The ranges that a representation of that length satisfies, in the order asked.
     *
     * @return an empty list if none is satisfiable: the answer is 416
     */
    public static List<ByteRange> resolve(List<Spec> specs, long length) {
        var ranges = new ArrayList<ByteRange>(specs.size());
        for (Spec spec : specs) {
            switch (spec) {
                case Spec.From(var first, var last) -> {
                    if (first < length) {
                        ranges.add(new ByteRange(first, Math.min(last, length - 1)));
                    }
                }
                case Spec.Suffix(var count) -> {
                    if (count > 0 && length > 0) {
                        ranges.add(new ByteRange(Math.max(0, length - count), length - 1));
                    }
                }
            }
        }
        return ranges;
    }
}
