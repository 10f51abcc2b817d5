package jarrah.aws;

import jarrah.http.QueryParameters;
import jarrah.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request of the AWS Query protocol: parameters from the query string and the form, {@code Action} and {@code Version}
 * among them. Lists are {@code Name.1, Name.2} (EC2) or {@code Name.member.1} (IAM, STS); both are read.
 */
public final class QueryRequest {
    /** The longest form, bytes: RunInstances with 16 KiB of user data in Base64 fits many times over. */
    public static final int MAX_FORM_BYTES = 1024 * 1024;

    private final NavigableMap<String, String> parameters;
    private final @Nullable RequestHead head;

    private QueryRequest(NavigableMap<String, String> parameters, @Nullable RequestHead head) {
        this.parameters = parameters;
        this.head = head;
    }

    /**
     * Reads {@code application/x-www-form-urlencoded} text.
     *
     * @param query the raw query string; null for none
     * @param form the body; empty for none. It wins where both name a parameter
     * @throws QueryException.Malformed if it is not percent-encoded UTF-8
     */
    public static QueryRequest parse(@Nullable String query, String form) {
        var parameters = new TreeMap<String, String>();
        read(query, parameters);
        read(form, parameters);
        return new QueryRequest(parameters, null);
    }

    /** Reads the parameters of a request that came over HTTP, whose head policies may look at. */
    static QueryRequest of(RequestHead head, String form) {
        return new QueryRequest(parse(head.query(), form).parameters, head);
    }

    /** The head of the HTTP request; null if there was none. */
    public @Nullable RequestHead head() {
        return head;
    }

    private static void read(@Nullable String text, NavigableMap<String, String> parameters) {
        QueryParameters.parse(text, QueryParameters.Plus.SPACE)
                .orElseThrow(QueryException.Malformed::new)
                .pairs()
                .forEach(pair -> parameters.put(pair.name(), pair.value()));
    }

    /** The parameter's value; null if it was not sent. */
    public @Nullable String get(String name) {
        return parameters.get(name);
    }

    /** The names of all parameters, in ascending order of their characters. */
    public Set<String> names() {
        return Collections.unmodifiableSet(parameters.keySet());
    }

    /** The action's name; empty if none was sent. */
    public String action() {
        return parameters.getOrDefault("Action", "");
    }

    /** Whether any parameter's name begins so: whether a structure such as {@code Filter.3.} was sent. */
    public boolean has(String prefix) {
        String next = parameters.ceilingKey(prefix);
        return next != null && next.startsWith(prefix);
    }

    /** SHA-256 of all parameters but those whose names begin so, in hex: tells whether two requests ask for the same. */
    public String digestWithout(String... prefixes) {
        var text = new StringBuilder();
        parameters.forEach((name, value) -> {
            if (Arrays.stream(prefixes).noneMatch(name::startsWith)) {
                text.append(name.length()).append(' ').append(name);
                text.append(value.length()).append(' ').append(value);
            }
        });
        return Hashing.sha256Hex(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The values of a list, by ascending index, whichever way it was spelled. */
    public List<String> list(String name) {
        var values = new ArrayList<String>();
        for (int i = 1; ; i++) {
            String value = parameters.get(name + "." + i);
            value = value == null ? parameters.get(name + ".member." + i) : value;
            if (value == null) {
                return values;
            }
            values.add(value);
        }
    }
}
