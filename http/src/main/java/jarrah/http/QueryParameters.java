package jarrah.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query or of a form, decoded, in order, duplicates kept; names are case-sensitive.
 *
 * @param pairs the parameters
 */
public record QueryParameters(List<Pair> pairs) {
    /** More parameters than that are refused. */
    public static final int MAX_PARAMETERS = 2_000;

    /** No parameters. */
    public static final QueryParameters NONE = new QueryParameters(List.of());

    /**
     * One parameter.
     *
     * @param name decoded
     * @param value decoded; empty if there was none
     * @param hasValue whether an equals sign stood there: {@code ?acl} and {@code ?acl=} differ for some readers
     */
    public record Pair(String name, String value, boolean hasValue) {}

    /** How a plus sign reads. */
    public enum Plus {
        /** As itself, as S3 and RFC 3986 have it. */
        LITERAL,
        /** As a space, as HTML forms have it. */
        SPACE
    }

    /**
     * Reads a raw query, without the question mark, or a form.
     *
     * @param raw null if there is none
     * @return empty if the encoding is broken, not UTF-8, or there are more than {@link #MAX_PARAMETERS}
     */
    public static Optional<QueryParameters> parse(@Nullable String raw, Plus plus) {
        if (raw == null || raw.isEmpty()) {
            return Optional.of(NONE);
        }
        boolean plusIsSpace = plus == Plus.SPACE;
        var pairs = new ArrayList<Pair>();
        int start = 0;
        while (start <= raw.length()) {
            int ampersand = raw.indexOf('&', start);
            int end = ampersand < 0 ? raw.length() : ampersand;
            if (end > start) {
                Optional<Pair> pair = pair(raw.substring(start, end), plusIsSpace);
                if (pair.isEmpty() || pairs.size() == MAX_PARAMETERS) {
                    return Optional.empty();
                }
                pairs.add(pair.get());
            }
            start = end + 1;
        }
        return Optional.of(new QueryParameters(List.copyOf(pairs)));
    }

    private static Optional<Pair> pair(String text, boolean plusIsSpace) {
        int equals = text.indexOf('=');
        Optional<String> name = PercentCoding.decode(equals < 0 ? text : text.substring(0, equals), plusIsSpace);
        Optional<String> value = PercentCoding.decode(equals < 0 ? "" : text.substring(equals + 1), plusIsSpace);
        return name.isPresent() && value.isPresent()
                ? Optional.of(new Pair(name.get(), value.get(), equals >= 0))
                : Optional.empty();
    }

    /** The value of the first parameter of that name, empty text if it has none; null if there is no such parameter. */
    public @Nullable String first(String name) {
        for (Pair pair : pairs) {
            if (pair.name().equals(name)) {
                return pair.value();
            }
        }
        return null;
    }

    /** The values of all parameters of that name, in order. */
    public List<String> all(String name) {
        return pairs.stream()
                .filter(pair -> pair.name().equals(name))
                .map(Pair::value)
                .toList();
    }

    public boolean contains(String name) {
        return first(name) != null;
    }
}
