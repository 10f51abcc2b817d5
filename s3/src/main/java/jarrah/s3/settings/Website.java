package jarrah.s3.settings;

import jarrah.aws.XmlElement;
import jarrah.s3.settings.SettingsException.InvalidArgument;
import jarrah.s3.settings.SettingsException.InvalidRequest;
import jarrah.s3.settings.SettingsException.MalformedXml;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A bucket served as a static website ("Hosting a static website using Amazon S3").
 *
 * @param index what stands for a folder, e.g. {@code index.html}; empty if everything is sent elsewhere
 * @param error key of the page for errors of the 4xx class
 * @param everything where all requests are sent
 * @param rules the first that fits decides
 */
public record Website(
        Optional<String> index, Optional<String> error, Optional<Target> everything, List<RoutingRule> rules) {
    private static final int MAX_RULES = 50;
    private static final Set<String> PROTOCOLS = Set.of("http", "https");
    /** What can stand for a host in {@code Location}; names beyond ASCII come in their encoded form (RFC 5891). */
    private static final Pattern HOST = Pattern.compile("[\\x21-\\x7e]+");

    /** Another host. */
    public record Target(String host, Optional<String> protocol) {}

    /**
     * Sends some requests elsewhere.
     *
     * @param prefix of keys; empty for all
     * @param errorCode HTTP status that the request would get; empty for a rule that asks before anything is looked up
     */
    public record RoutingRule(Optional<String> prefix, Optional<Integer> errorCode, Redirect redirect) {
        /** Whether the rule is about this key, with this status; 0 before the key was looked up. */
        public boolean fits(String key, int status) {
            return key.startsWith(prefix.orElse(""))
                    && (status == 0 ? errorCode.isEmpty() : errorCode.isPresent() && errorCode.get() == status);
        }
    }

    /** Where to; what is empty stays as it was asked. */
    public record Redirect(
            Optional<String> host,
            Optional<String> protocol,
            int status,
            Optional<String> replacePrefix,
            Optional<String> replaceKey) {
        /** The key to go to. */
        public String key(String asked, RoutingRule rule) {
            if (replaceKey.isPresent()) {
                return replaceKey.get();
            }
            return replacePrefix
                    .map(prefix ->
                            prefix + asked.substring(rule.prefix().orElse("").length()))
                    .orElse(asked);
        }
    }

    /** Reads a {@code WebsiteConfiguration}. */
    public static Website of(XmlElement document) {
        Fields fields = Fields.of(document, "IndexDocument", "ErrorDocument", "RedirectAllRequestsTo", "RoutingRules");
        Optional<Target> everything = fields.child("RedirectAllRequestsTo").map(Website::target);
        Optional<String> index = fields.child("IndexDocument").map(element -> suffix(element));
        Optional<String> error = fields.child("ErrorDocument")
                .map(element -> Fields.of(element, "Key").requiredText("Key"));
        var rules = new ArrayList<RoutingRule>();
        fields.child("RoutingRules").ifPresent(element -> {
            for (XmlElement rule : Fields.of(element, "RoutingRule").all("RoutingRule")) {
                rules.add(rule(rule));
            }
            if (rules.isEmpty()) {
                throw new MalformedXml();
            }
        });
        if (everything.isPresent() && (index.isPresent() || error.isPresent() || !rules.isEmpty())) {
            throw new InvalidRequest(
                    "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.");
        }
        if (everything.isEmpty() && index.isEmpty()) {
            throw new InvalidArgument(
                    "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
                    "IndexDocument",
                    "null");
        }
        if (rules.size() > MAX_RULES) {
            throw new InvalidRequest(rules.size() + " routing rules provided, the number of routing rules in a website"
                    + " configuration is limited to 50.");
        }
        return new Website(index, error, everything, rules);
    }

    private static String suffix(XmlElement element) {
        String suffix = Fields.of(element, "Suffix").text("Suffix").orElse("");
        if (suffix.isEmpty() || suffix.contains("/")) {
            throw new InvalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix);
        }
        return suffix;
    }

    private static Target target(XmlElement element) {
        Fields fields = Fields.of(element, "HostName", "Protocol");
        return new Target(host(fields).orElseThrow(MalformedXml::new), protocol(fields));
    }

    private static Optional<String> host(Fields fields) {
        Optional<String> host = fields.text("HostName").filter(found -> !found.isEmpty());
        if (host.isPresent() && !HOST.matcher(host.get()).matches()) {
            throw new InvalidRequest("The HostName " + host.get() + " is not well formed.");
        }
        return host;
    }

    private static Optional<String> protocol(Fields fields) {
        Optional<String> protocol = fields.text("Protocol");
        if (protocol.isPresent() && !PROTOCOLS.contains(protocol.get())) {
            throw new InvalidRequest(
                    "Invalid protocol, protocol can be http or https. If not defined the protocol will be"
                            + " selected automatically.");
        }
        return protocol;
    }

    private static RoutingRule rule(XmlElement element) {
        Fields fields = Fields.of(element, "Condition", "Redirect");
        Optional<Fields> condition = fields.child("Condition")
                .map(found -> Fields.of(found, "KeyPrefixEquals", "HttpErrorCodeReturnedEquals"));
        Optional<String> prefix = condition.flatMap(found -> found.text("KeyPrefixEquals"));
        Optional<Integer> code = condition
                .flatMap(found -> found.text("HttpErrorCodeReturnedEquals"))
                .map(text -> status(text, 400, 599, "HttpErrorCodeReturnedEquals"));
        if (condition.isPresent() && prefix.isEmpty() && code.isEmpty()) {
            throw new InvalidRequest(
                    "Condition cannot be empty. To redirect all requests without a condition, the condition"
                            + " element shouldn't be present.");
        }
        return new RoutingRule(prefix, code, redirect(fields.required("Redirect")));
    }

    private static Redirect redirect(XmlElement element) {
        Fields fields = Fields.of(
                element, "HostName", "Protocol", "HttpRedirectCode", "ReplaceKeyPrefixWith", "ReplaceKeyWith");
        if (fields.text("ReplaceKeyPrefixWith").isPresent()
                && fields.text("ReplaceKeyWith").isPresent()) {
            throw new InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
        }
        if (element.children().isEmpty()) {
            throw new MalformedXml();
        }
        int status = fields.text("HttpRedirectCode")
                .map(text -> status(text, 300, 399, "HttpRedirectCode"))
                .orElse(301);
        return new Redirect(
                host(fields),
                protocol(fields),
                status,
                fields.text("ReplaceKeyPrefixWith"),
                fields.text("ReplaceKeyWith"));
    }

    private static int status(String text, int low, int high, String name) {
        int status = text.matches("[0-9]{3}") ? Integer.parseInt(text) : 0;
        if (status < low || status > high) {
            throw new InvalidRequest("The provided HTTP " + (low == 300 ? "redirect" : "error") + " code (" + text
                    + ") is not valid. Valid codes are " + (low == 300 ? "3XX except 300." : "4XX or 5XX.") + " ("
                    + name + ")");
        }
        return status;
    }

    /** The rule that says where this key goes; status 0 before it was looked up. */
    public Optional<RoutingRule> rule(String key, int status) {
        return rules.stream().filter(rule -> rule.fits(key, status)).findFirst();
    }
}
