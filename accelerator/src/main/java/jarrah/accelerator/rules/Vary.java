package jarrah.accelerator.rules;

import jarrah.http.Headers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The request fields that a stored response was chosen by, with the values that they had (RFC 9111, 4.1).
 *
 * @param names in lower case; empty if the response does not vary
 * @param values the values that the request had, white space evened out; "" where the field was missing
 */
public record Vary(List<String> names, List<String> values) {
    /** Fields whose members have no case (RFC 9110, 12.5.2 to 12.5.4). */
    private static final Set<String> CASELESS = Set.of("accept-charset", "accept-encoding", "accept-language");

    /**
     * Fields whose members mean the same in any order. Languages are none of them: RFC 9110, 12.5.4 knows of recipients that
     * prefer what comes first.
     */
    private static final Set<String> UNORDERED = Set.of("accept-charset", "accept-encoding");

    private static final Pattern SPACE_IN_MEMBER = Pattern.compile("[ \\t]*([;=])[ \\t]*");

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
                names.stream().map(name -> normal(name, request.joined(name))).toList());
    }

    /** Whether a response that was chosen so fits this request too. */
    public boolean matches(Headers request) {
        for (int i = 0; i < names.size(); i++) {
            if (!values.get(i).equals(normal(names.get(i), request.joined(names.get(i))))) {
                return false;
            }
        }
        return true;
    }

    /** White space around commas says nothing (4.1 allows this much without knowing the field). */
    private static String normal(String name, @Nullable String value) {
        if (value == null) {
            return "";
        }
        List<String> members = members(value);
        if (CASELESS.contains(name)) {
            members.replaceAll(member ->
                    SPACE_IN_MEMBER.matcher(member.toLowerCase(Locale.ROOT)).replaceAll("$1"));
        }
        if (UNORDERED.contains(name)) {
            members.sort(Comparator.naturalOrder());
        }
        String text = String.join(", ", members);
        // A field that is there and empty is not the same as one that is not there.
        return text.isEmpty() ? "," : text;
    }

    private static List<String> members(String value) {
        var members = new ArrayList<String>();
        for (String member : value.split(",")) {
            if (!member.isBlank()) {
                members.add(member.strip());
            }
        }
        return members;
    }
}
