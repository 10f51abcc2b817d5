package jarrah.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Header fields in their order, duplicates kept; names compare without regard to ASCII case (RFC 9110, 5.1).
 *
 * <p>Not thread-safe: owned by whoever builds the message, then by the exchange. A message has some ten fields, so a
 * list that is searched from the front beats a hash table.
 */
public final class Headers {
    private final List<String> pairs;

    private Headers(List<String> pairs) {
        this.pairs = pairs;
    }

    /** Fields from alternating names and values. */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a name without a value");
        }
        var headers = new Headers(new ArrayList<>(Math.max(16, namesAndValues.length)));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    /** Whether a field can have this name: a token (RFC 9110, 5.1). */
    public static boolean isName(String text) {
        return Grammar.isToken(text);
    }

    /** Whether a field can have this value: no line break or other control character but the tab, ISO 8859-1 alone. */
    public static boolean isValue(String text) {
        return text.chars().allMatch(c -> Grammar.isValueChar((char) c));
    }

    /** The value of the first field of that name; null if there is none. */
    public @Nullable String first(String name) {
        for (int i = 0; i < pairs.size(); i += 2) {
            if (pairs.get(i).equalsIgnoreCase(name)) {
                return pairs.get(i + 1);
            }
        }
        return null;
    }

    /** The values of all fields of that name, in order; empty if there is none. */
    public List<String> all(String name) {
        var values = new ArrayList<String>(2);
        for (int i = 0; i < pairs.size(); i += 2) {
            if (pairs.get(i).equalsIgnoreCase(name)) {
                values.add(pairs.get(i + 1));
            }
        }
        return values;
    }

    /** All fields of that name joined by {@code ", "} as RFC 9110, 5.3 allows for list fields; null if there is none. */
    public @Nullable String joined(String name) {
        var values = all(name);
        return values.isEmpty() ? null : values.size() == 1 ? values.getFirst() : String.join(", ", values);
    }

    public boolean contains(String name) {
        return first(name) != null;
    }

    /** Appends a field, whether or not the name is there already. Line breaks and NUL are refused at the wire. */
    public Headers add(String name, String value) {
        pairs.add(name);
        pairs.add(value);
        return this;
    }

    /** Replaces all fields of that name by one. */
    public Headers set(String name, String value) {
        remove(name);
        return add(name, value);
    }

    /** Drops all fields of that name. */
    public Headers remove(String name) {
        for (int i = pairs.size() - 2; i >= 0; i -= 2) {
            if (pairs.get(i).equalsIgnoreCase(name)) {
                pairs.remove(i + 1);
                pairs.remove(i);
            }
        }
        return this;
    }

    /** The number of fields. */
    public int size() {
        return pairs.size() / 2;
    }

    public String name(int index) {
        return pairs.get(2 * index);
    }

    public String value(int index) {
        return pairs.get(2 * index + 1);
    }

    public void forEach(BiConsumer<String, String> consumer) {
        for (int i = 0; i < pairs.size(); i += 2) {
            consumer.accept(pairs.get(i), pairs.get(i + 1));
        }
    }

    /** Fields of its own that can be changed without touching these. */
    public Headers copy() {
        return new Headers(new ArrayList<>(pairs));
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.toString();
    }
}
