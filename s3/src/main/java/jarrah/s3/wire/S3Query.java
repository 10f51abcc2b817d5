package jarrah.s3.wire;

import jarrah.http.QueryParameters;
import org.jspecify.annotations.Nullable;

/** The query parameters of an S3 request, decoded; the first of equal names counts. */
public final class S3Query {
    private final QueryParameters parameters;

    private S3Query(QueryParameters parameters) {
        this.parameters = parameters;
    }

    /** @throws S3WireException.InvalidUri if it is not percent-encoded UTF-8 */
    public static S3Query parse(@Nullable String raw) {
        return new S3Query(
                QueryParameters.parse(raw, QueryParameters.Plus.SPACE).orElseThrow(S3WireException.InvalidUri::new));
    }

    /** Whether the parameter is there, with or without a value. */
    public boolean has(String name) {
        return parameters.contains(name);
    }

    /** The value; null if the parameter is missing. */
    @Nullable
    public String get(String name) {
        return parameters.first(name);
    }

    /** The value; the default if the parameter is missing. */
    String get(String name, String otherwise) {
        String value = parameters.first(name);
        return value == null ? otherwise : value;
    }

    /** A whole number from 0 to the bound. */
    int number(String name, int otherwise, int max) {
        String text = parameters.first(name);
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
