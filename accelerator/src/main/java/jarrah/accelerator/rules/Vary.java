package jarrah.accelerator.rules;

import jarrah.http.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The request fields that a stored response was chosen by, with the values that they had (RFC 9111, 4.1).
 *
 * @param names in lower case; empty if the response does not vary
 * @param values the values that the request had, white space evened out; "" where the field was missing
 */
public record Vary(List<String> names, List<String> values) {
    /** Does not vary. */
    public static final Vary NONE = new Vary(List.of(), List.of());

    /** The names in a response's Vary fields, in lower case; {@code *} may be among them. */
    public static List<String> of(Headers response) {
        String joined = response.joined("Vary");
        if (joined == null) {
            return List.of();
        }
        var names = new ArrayList<String>();
        for (String name : joined.split(",")) {
            String lower = name.strip().toLowerCase(Locale.ROOT);
            if (!lower.isEmpty() && !names.contains(lower)) {
                names.add(lower);
            }
        }
        return names;
    }

    /** What was asked for with that request and answered with that response. */
    public static Vary of(Headers response, Headers request) {
        List<String> names = of(response);
        if (names.isEmpty()) {
            return NONE;
        }
        return new Vary(
                List.copyOf(names),
                names.stream().map(name -> normal(request.joined(name))).toList());
    }

    /** Whether a response that was chosen so fits this request too. */
    public boolean matches(Headers request) {
        for (int i = 0; i < names.size(); i++) {
            if (!values.get(i).equals(normal(request.joined(names.get(i))))) {
                return false;
            }
        }
        return true;
    }

    /** White space around commas says nothing (4.1 allows this much without knowing the field). */
    private static String normal(@Nullable String value) {
        if (value == null) {
            return "";
        }
        var text = new StringBuilder();
        for (String member : value.split(",")) {
            if (!member.isBlank()) {
                text.append(text.isEmpty() ? "" : ", ").append(member.strip());
            }
        }
        // A field that is there and empty is not the same as one that is not there.
        return text.isEmpty() ? "," : text.toString();
    }
}
