package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.http.Headers;
import jarrah.s3.settings.SettingsException.InvalidRequest;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which web pages of other origins may use a bucket ("Using cross-origin resource sharing"). The first rule that fits
 * decides.
 */
public record CorsRules(List<Rule> rules) {
    private static final int MAX_RULES = 100;
    private static final Set<String> METHODS = Set.of("GET", "PUT", "HEAD", "POST", "DELETE");

    /**
     * A rule.
     *
     * @param origins with at most one {@code *} each
     * @param headers that a request may have, in small letters, with at most one {@code *} each
     * @param maxAgeSeconds for which a browser may remember the answer
     */
    public record Rule(
            Optional<String> id,
            List<String> methods,
            List<String> origins,
            List<String> headers,
            List<String> exposed,
            Optional<Long> maxAgeSeconds) {

        /** Whether any origin at all is let in by one pattern. */
        public boolean allowsEveryOrigin() {
            return origins.contains("*");
        }

        private boolean fits(String origin, String method, List<String> wanted) {
            return methods.contains(method)
                    && origins.stream().anyMatch(pattern -> matches(pattern, origin))
                    && wanted.stream()
                            .allMatch(header -> headers.stream()
                                    .anyMatch(pattern -> matches(pattern, header.toLowerCase(Locale.ROOT))));
        }
    }

    /** Reads a {@code CORSConfiguration}. */
    public static CorsRules of(XmlElement document) {
        var rules = new ArrayList<Rule>();
        for (XmlElement rule : Fields.of(document, "CORSRule").all("CORSRule")) {
            rules.add(rule(rule));
        }
        if (rules.isEmpty() || rules.size() > MAX_RULES) {
            throw new MalformedXml();
        }
        return new CorsRules(rules);
    }

    private static Rule rule(XmlElement element) {
        Fields fields = Fields.of(
                element, "ID", "AllowedMethod", "AllowedOrigin", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds");
        List<String> methods = fields.texts("AllowedMethod");
        List<String> origins = fields.texts("AllowedOrigin");
        if (methods.isEmpty() || origins.isEmpty()) {
            throw new MalformedXml();
        }
        for (String method : methods) {
            if (!METHODS.contains(method)) {
                throw new InvalidRequest(
                        "Found unsupported HTTP method in CORS config. Unsupported method is " + method);
            }
        }
        origins.forEach(origin -> requireOneWildcard("AllowedOrigin", origin));
        List<String> headers = fields.texts("AllowedHeader");
        headers.forEach(header -> requireOneWildcard("AllowedHeader", header));
        List<String> exposed = fields.texts("ExposeHeader");
        for (String header : exposed) {
            if (!Headers.isValue(header)) {
                throw new InvalidRequest(
                        "ExposeHeader \"" + header + "\" contains a character that no header can hold.");
            }
            if (header.contains("*")) {
                throw new InvalidRequest("ExposeHeader \"" + header
                        + "\" contains wildcard. We currently do not support wildcard for ExposeHeader");
            }
        }
        Optional<String> id = fields.text("ID");
        if (id.isPresent() && id.get().length() > 255) {
            throw new MalformedXml();
        }
        return new Rule(
                id,
                methods,
                origins,
                headers.stream().map(header -> header.toLowerCase(Locale.ROOT)).toList(),
                exposed,
                fields.number("MaxAgeSeconds"));
    }

    private static void requireOneWildcard(String name, String value) {
        if (value.indexOf('*') != value.lastIndexOf('*')) {
            throw new InvalidRequest(name + " \"" + value + "\" can not have more than one wildcard.");
        }
    }

    /**
     * The rule for a request.
     *
     * @param method of the request itself, or that a preflight asks for
     * @param headers that a preflight asks for; none of the request itself
     */
    public Optional<Rule> match(String origin, String method, List<String> headers) {
        return rules.stream().filter(rule -> rule.fits(origin, method, headers)).findFirst();
    }

    private static boolean matches(String pattern, String value) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern.equals(value);
        }
        String head = pattern.substring(0, star);
        String tail = pattern.substring(star + 1);
        return value.length() >= head.length() + tail.length() && value.startsWith(head) && value.endsWith(tail);
    }
}
