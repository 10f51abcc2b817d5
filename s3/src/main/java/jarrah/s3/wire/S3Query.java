package jarrah.s3.wire;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The query parameters of an S3 request, decoded; the first of equal names counts. */
public final class S3Query {
    private final Map<String, String> values = new LinkedHashMap<>();

    private S3Query() {}

    /** @throws S3WireException.InvalidUri if it is not percent-encoded UTF-8 */
    static S3Query parse(@Nullable String raw) {
        var query = new S3Query();
        if (raw != null) {
            for (String part : raw.split("&")) {
                if (!part.isEmpty()) {
                    int equals = part.indexOf('=');
                    String name = equals < 0 ? part : part.substring(0, equals);
                    String value = equals < 0 ? "" : part.substring(equals + 1);
                    query.values.putIfAbsent(
                            RawText.decode(name.replace("+", "%20")), RawText.decode(value.replace("+", "%20")));
                }
            }
        }
        return query;
    }

    /** Whether the parameter is there, with or without a value. */
    boolean has(String name) {
        return values.containsKey(name);
    }

    /** The value; null if the parameter is missing. */
    @Nullable
    String get(String name) {
        return values.get(name);
    }

    /** The value; the default if the parameter is missing. */
    String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** A whole number from 0 to the bound. */
    int number(String name, int otherwise, int max) {
        String text = values.get(name);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new S3WireException.InvalidArgument(
                    "Provided " + name + " not an integer or within integer range", name, text);
        }
        throw new S3WireException.InvalidArgument(
                "Argument " + name + " must be an integer between 0 and " + max, name, text);
    }
}
