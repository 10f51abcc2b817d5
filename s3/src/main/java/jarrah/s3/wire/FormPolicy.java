package jarrah.s3.wire;

import jarrah.aws.FormSignature;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an upload form may contain ("Creating a POST policy", S3 API reference). */
final class FormPolicy {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /** Fields that no condition need name. */
    private static final Set<String> FREE = Set.of(
            "x-amz-signature", "file", "policy", "awsaccesskeyid", "signature", "bucket", "x-amz-security-token");

    private final JsonNode conditions;
    private final long least;
    private final long most;

    private FormPolicy(JsonNode conditions, long least, long most) {
        this.conditions = conditions;
        this.least = least;
        this.most = most;
    }

    /** The fewest bytes of the file. */
    long least() {
        return least;
    }

    /** The most bytes of the file. */
    long most() {
        return most;
    }

    /**
     * Reads a policy, which has not expired.
     *
     * @param text in Base64
     */
    static FormPolicy read(String text, Instant now) {
        byte[] bytes = FormSignature.decode(text);
        JsonNode root = bytes == null ? null : parse(bytes);
        if (root == null || !root.isObject()) {
            throw new S3WireException.InvalidPolicyDocument("Invalid Policy: Invalid JSON.");
        }
        JsonNode expiration = root.get("expiration");
        if (expiration == null || !expiration.isString()) {
            throw new S3WireException.InvalidPolicyDocument("Invalid Policy: Policy missing expiration.");
        }
        if (!now.isBefore(instant(expiration.stringValue()))) {
            throw new S3WireException.PolicyFailed("Invalid according to Policy: Policy expired.");
        }
        JsonNode conditions = root.get("conditions");
        if (conditions == null || !conditions.isArray()) {
            throw new S3WireException.InvalidPolicyDocument("Invalid Policy: Policy missing conditions.");
        }
        long least = 0;
        long most = Long.MAX_VALUE;
        for (JsonNode condition : conditions) {
            if (condition.isArray() && condition.size() > 0 && isWord(condition.get(0), "content-length-range")) {
                least = Math.max(least, bound(condition, 1));
                most = Math.min(most, bound(condition, 2));
            }
        }
        return new FormPolicy(conditions, least, most);
    }

    private static JsonNode parse(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw new S3WireException.InvalidPolicyDocument("Invalid Policy: Invalid JSON.");
        }
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new S3WireException.InvalidPolicyDocument(
                    "Invalid Policy: Invalid 'expiration' value: '" + text + "'");
        }
    }

    private static boolean isWord(JsonNode node, String word) {
        return node.isString() && node.stringValue().equalsIgnoreCase(word);
    }

    private static long bound(JsonNode condition, int index) {
        JsonNode node = condition.size() == 3 ? condition.get(index) : null;
        String text = node == null ? "" : node.asString("");
        if (!text.matches("[0-9]{1,18}")) {
            throw new S3WireException.InvalidPolicyDocument(
                    "Invalid Policy: Invalid content-length-range: expected a lower and an upper bound.");
        }
        return Long.parseLong(text);
    }

    /**
     * Checks that the fields are as the conditions want them, and that each has a condition.
     *
     * @param fields names in small letters; {@code bucket} and {@code key} among them
     */
    void require(Map<String, String> fields) {
        var named = new HashSet<String>();
        for (JsonNode condition : conditions) {
            if (condition.isObject()) {
                condition.properties().forEach(pair -> {
                    String name = pair.getKey().toLowerCase(Locale.ROOT);
                    named.add(name);
                    require(fields, "eq", name, pair.getValue().asString(""));
                });
            } else if (condition.isArray()
                    && condition.size() == 3
                    && condition.get(0).isString()) {
                String operator = condition.get(0).stringValue().toLowerCase(Locale.ROOT);
                if (operator.equals("content-length-range")) {
                    continue;
                }
                String name = condition.get(1).asString("");
                if (!name.startsWith("$") || (!operator.equals("eq") && !operator.equals("starts-with"))) {
                    throw new S3WireException.InvalidPolicyDocument(
                            "Invalid Policy: Invalid Simple-Condition: " + condition);
                }
                String field = name.substring(1).toLowerCase(Locale.ROOT);
                named.add(field);
                require(fields, operator, field, condition.get(2).asString(""));
            } else {
                throw new S3WireException.InvalidPolicyDocument("Invalid Policy: Invalid Condition: " + condition);
            }
        }
        for (String field : fields.keySet()) {
            if (!named.contains(field) && !FREE.contains(field) && !field.startsWith("x-ignore-")) {
                throw new S3WireException.PolicyFailed("Invalid according to Policy: Extra input fields: " + field);
            }
        }
        if (!named.contains("bucket")) {
            throw new S3WireException.PolicyFailed("Invalid according to Policy: Policy Condition failed: bucket");
        }
    }

    private static void require(Map<String, String> fields, String operator, String name, String wanted) {
        String value = fields.getOrDefault(name, "");
        boolean holds = operator.equals("eq")
                ? fields.containsKey(name) && value.equals(wanted)
                : wanted.isEmpty() || startsWith(name, value, wanted);
        if (!holds) {
            throw new S3WireException.PolicyFailed("Invalid according to Policy: Policy Condition failed: [\""
                    + operator + "\", \"$" + name + "\", \"" + wanted + "\"]");
        }
    }

    // A list of types is held to the condition one by one.
    private static boolean startsWith(String name, String value, String wanted) {
        if (!name.equals("content-type")) {
            return value.startsWith(wanted);
        }
        for (String one : value.split(",")) {
            if (!one.strip().startsWith(wanted)) {
                return false;
            }
        }
        return true;
    }
}
