package jarrah.iam.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads policies ("Grammar of the IAM JSON policy language"), strictly: unknown elements, wrong types and doubled keys
 * are errors. The two kinds differ in whether a principal is named, and in the words in which AWS complains.
 */
public final class PolicyParser {
    /** The deepest nesting of a well-formed policy is 6. */
    private static final int MAX_DEPTH = 12;
    /** More values in one list than any document of AWS's sizes can hold. */
    private static final int MAX_VALUES = 4_096;

    private static final int MAX_CHARACTERS = 64 * 1024;
    private static final Set<String> POLICY_FIELDS = Set.of("Version", "Id", "Statement");
    private static final Set<String> STATEMENT_FIELDS = Set.of(
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition");
    private static final Pattern ACTION = Pattern.compile("\\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+");
    private static final Pattern SID = Pattern.compile("[0-9A-Za-z]*");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    // Ids of accounts are not checked for twelve digits here: other clouds of this family name accounts in letters.
    private static final Pattern PRINCIPAL_ARN = Pattern.compile(
            "arn:aws[a-z-]*:(iam|sts):[^:*]*:([^:*?]*):(root|(user|role|assumed-role|federated-user)/[^*?]+)");
    private static final Pattern CONDITION_KEY = Pattern.compile("[A-Za-z0-9-]+:[^\\s]{1,256}");

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(MAX_CHARACTERS)
                            .maxDocumentLength(4L * MAX_CHARACTERS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private enum Kind {
        IDENTITY,
        RESOURCE
    }

    private final Kind kind;
    private boolean variables;

    private PolicyParser(Kind kind) {
        this.kind = kind;
    }

    /**
     * Reads a policy that is attached to a user: it names no principal.
     *
     * @throws PolicyException in IAM's words
     */
    public static Policy identity(String json) {
        return new PolicyParser(Kind.IDENTITY).policy(json);
    }

    /**
     * Reads the policy of a resource: every statement names a principal.
     *
     * @throws PolicyException in S3's words
     */
    public static Policy resource(String json) {
        return new PolicyParser(Kind.RESOURCE).policy(json);
    }

    private PolicyException bad(String ofIdentity, String ofResource) {
        return new PolicyException(kind == Kind.IDENTITY ? ofIdentity : ofResource);
    }

    private PolicyException syntax(String ofResource) {
        return bad("Syntax errors in policy.", ofResource);
    }

    private Policy policy(String json) {
        JsonNode root;
        if (!json.stripLeading().startsWith("{") || json.length() > MAX_CHARACTERS) {
            throw syntax("Policies must be valid JSON and the first byte must be '{'");
        }
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            throw bad("The policy is not in the valid JSON format.", "This policy contains invalid Json");
        }
        requireFields(root, POLICY_FIELDS);
        String version = version(root);
        variables = version.equals("2012-10-17");
        JsonNode id = root.get("Id");
        if (id != null && !id.isString()) {
            throw syntax("Invalid policy syntax.");
        }
        JsonNode statements = root.get("Statement");
        if (statements == null) {
            throw syntax("Missing required field Statement");
        }
        var parsed = new ArrayList<Statement>();
        if (statements.isObject()) {
            parsed.add(statement(statements));
        } else if (statements.isArray()) {
            statements.forEach(statement -> parsed.add(statement(statement)));
        }
        if (parsed.isEmpty()) {
            throw syntax("Could not parse the policy: Statement is empty!");
        }
        requireDistinctSids(parsed);
        return new Policy(version, id == null ? null : id.asString(), parsed);
    }

    private void requireFields(JsonNode node, Set<String> known) {
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) {
                throw syntax("Unknown field " + name);
            }
        }
    }

    private String version(JsonNode root) {
        JsonNode version = root.get("Version");
        if (version == null) {
            return "2008-10-17";
        }
        String text = version.isString() ? version.asString() : "";
        if (!text.equals("2012-10-17") && !text.equals("2008-10-17")) {
            throw bad(
                    "Policy document must be version 2012-10-17 or greater.",
                    "The policy must contain a valid version string");
        }
        return text;
    }

    private void requireDistinctSids(List<Statement> statements) {
        var seen = new java.util.HashSet<String>();
        for (Statement statement : statements) {
            if (statement.sid() != null && !statement.sid().isEmpty() && !seen.add(statement.sid())) {
                throw bad(
                        "Statement IDs (SID) in a single policy must be unique.",
                        "Statement IDs (SID) in a single policy must be unique.");
            }
        }
    }

    private Statement statement(JsonNode node) {
        if (!node.isObject()) {
            throw syntax("Invalid policy syntax.");
        }
        requireFields(node, STATEMENT_FIELDS);
        Statement.Effect effect = effect(node.get("Effect"));
        boolean notActions = node.has("NotAction");
        List<Template> actions = actions(either(node, "Action", "NotAction", "actions"));
        boolean notResources = node.has("NotResource");
        List<Template> resources = resources(either(node, "Resource", "NotResource", "resources"));
        return new Statement(
                sid(node.get("Sid")),
                effect,
                principals(node, effect),
                actions,
                notActions,
                resources,
                notResources,
                conditions(node.get("Condition")));
    }

    private @Nullable String sid(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        if (!node.isString()) {
            throw syntax("Invalid policy syntax.");
        }
        String sid = node.asString();
        if (kind == Kind.IDENTITY && !SID.matcher(sid).matches()) {
            throw new PolicyException("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the"
                    + " regular expression [0-9A-Za-z]*");
        }
        return sid;
    }

    private Statement.Effect effect(@Nullable JsonNode node) {
        if (node == null) {
            throw syntax("Missing required field Effect");
        }
        String effect = node.isString() ? node.asString() : node.toString();
        return switch (effect) {
            case "Allow" -> Statement.Effect.ALLOW;
            case "Deny" -> Statement.Effect.DENY;
            default -> throw syntax("Invalid effect : " + effect);
        };
    }

    private JsonNode either(JsonNode node, String name, String notName, String what) {
        JsonNode plain = node.get(name);
        JsonNode negated = node.get(notName);
        if (plain != null && negated != null) {
            throw syntax("Statement contains both " + name + " and " + notName);
        }
        JsonNode found = plain == null ? negated : plain;
        if (found == null) {
            throw bad("Policy statement must contain " + what + ".", "Missing required field " + name);
        }
        return found;
    }

    private List<String> texts(JsonNode node, String emptyOfIdentity, String ofResource) {
        var texts = new ArrayList<String>();
        if (node.isString()) {
            texts.add(node.asString());
        } else if (node.isArray() && node.size() <= MAX_VALUES) {
            for (JsonNode one : node) {
                if (!one.isString()) {
                    throw syntax(ofResource);
                }
                texts.add(one.asString());
            }
        } else {
            throw syntax(ofResource);
        }
        if (texts.isEmpty()) {
            throw bad(emptyOfIdentity, ofResource);
        }
        return texts;
    }

    private List<Template> actions(JsonNode node) {
        var actions = new ArrayList<Template>();
        for (String text : texts(node, "Policy statement must contain actions.", "Policy has invalid action")) {
            if (!ACTION.matcher(text).matches()) {
                throw bad(
                        text.contains(":")
                                ? "The action " + text + " is not valid."
                                : "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                        "Policy has invalid action");
            }
            actions.add(Template.pattern(text, false));
        }
        return actions;
    }

    private List<Template> resources(JsonNode node) {
        var resources = new ArrayList<Template>();
        for (String text : texts(node, "Policy statement must contain resources.", "Policy has invalid resource")) {
            if (!text.equals("*") && (!text.startsWith("arn:") || text.split(":", 6).length < 6)) {
                throw bad("Resource " + text + " must be in ARN format or \"*\".", "Policy has invalid resource");
            }
            resources.add(Template.pattern(text, variables));
        }
        return resources;
    }

    private @Nullable Principals principals(JsonNode node, Statement.Effect effect) {
        boolean negated = node.has("NotPrincipal");
        JsonNode named = node.get(negated ? "NotPrincipal" : "Principal");
        if (kind == Kind.IDENTITY) {
            if (named != null) {
                throw new PolicyException("Policy document should not specify a principal.");
            }
            return null;
        }
        if (named == null) {
            throw new PolicyException("Missing required field Principal");
        }
        if (negated && node.has("Principal")) {
            throw new PolicyException("Statement contains both Principal and NotPrincipal");
        }
        if (negated && effect == Statement.Effect.ALLOW) {
            throw new PolicyException("Allow with NotPrincipal is not allowed.");
        }
        var found = new ArrayList<Principals.Named>();
        if (named.isString() && named.asString().equals("*")) {
            found.add(new Principals.Named.Everybody());
        } else if (named.isObject()) {
            named.properties().forEach(entry -> {
                for (String text : texts(entry.getValue(), "", "Invalid principal in policy")) {
                    found.add(principal(entry.getKey(), text));
                }
            });
        }
        if (found.isEmpty()) {
            throw new PolicyException("Invalid principal in policy");
        }
        return new Principals(negated, found);
    }

    private static Principals.Named principal(String type, String text) {
        return switch (type) {
            case "AWS" -> awsPrincipal(text);
            case "CanonicalUser" -> new Principals.Named.CanonicalUser(text);
            case "Service", "Federated" -> new Principals.Named.Outside(text);
            default -> throw new PolicyException("Invalid principal in policy");
        };
    }

    private static Principals.Named awsPrincipal(String text) {
        if (text.equals("*")) {
            return new Principals.Named.Everybody();
        }
        if (ACCOUNT.matcher(text).matches()) {
            return new Principals.Named.WholeAccount(text);
        }
        var arn = PRINCIPAL_ARN.matcher(text);
        if (!arn.matches()) {
            throw new PolicyException("Invalid principal in policy");
        }
        return arn.group(3).equals("root")
                ? new Principals.Named.WholeAccount(arn.group(2))
                : new Principals.Named.Identity(text);
    }

    private List<Condition> conditions(@Nullable JsonNode node) {
        var conditions = new ArrayList<Condition>();
        if (node == null) {
            return conditions;
        }
        if (!node.isObject()) {
            throw syntax("Invalid policy syntax.");
        }
        node.properties().forEach(operator -> {
            if (!operator.getValue().isObject()) {
                throw syntax("Invalid policy syntax.");
            }
            operator.getValue()
                    .properties()
                    .forEach(key -> conditions.add(condition(operator.getKey(), key.getKey(), key.getValue())));
        });
        return conditions;
    }

    private Condition condition(String operatorText, String key, JsonNode node) {
        String name = operatorText;
        var quantifier = Condition.Quantifier.NONE;
        if (name.startsWith("ForAllValues:")) {
            quantifier = Condition.Quantifier.ALL;
        } else if (name.startsWith("ForAnyValue:")) {
            quantifier = Condition.Quantifier.ANY;
        }
        name = name.substring(name.indexOf(':') + 1);
        boolean ifExists = name.endsWith("IfExists");
        name = ifExists ? name.substring(0, name.length() - "IfExists".length()) : name;
        ConditionOperator operator = ConditionOperator.of(name);
        boolean knownQuantifier = quantifier != Condition.Quantifier.NONE || !operatorText.contains(":");
        if (operator == null || !knownQuantifier || (ifExists && operator == ConditionOperator.NULL)) {
            throw syntax("Invalid Condition type : " + operatorText);
        }
        if (!CONDITION_KEY.matcher(key).matches()) {
            throw bad(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
                    "Policy has an invalid condition key");
        }
        var values = new ArrayList<Template>();
        for (String text : scalars(node)) {
            Template value =
                    operator.wildcards() ? Template.pattern(text, variables) : Template.literal(text, variables);
            if (value.isFixed() && !operator.isWellFormed(text)) {
                throw syntax("Value of condition " + key + " is not valid for " + operatorText + ": " + text);
            }
            values.add(value);
        }
        return new Condition(operator, quantifier, ifExists, Context.normal(key), values);
    }

    /** Booleans and numbers may stand without quotes. */
    private List<String> scalars(JsonNode node) {
        var texts = new ArrayList<String>();
        if (node.isArray() && node.size() <= MAX_VALUES) {
            for (JsonNode one : node) {
                texts.add(scalar(one));
            }
        } else {
            texts.add(scalar(node));
        }
        if (texts.isEmpty()) {
            throw syntax("Invalid policy syntax.");
        }
        return texts;
    }

    private String scalar(JsonNode node) {
        if (node.isString() || node.isBoolean() || node.isNumber()) {
            return node.asString();
        }
        throw syntax("Invalid policy syntax.");
    }
}
