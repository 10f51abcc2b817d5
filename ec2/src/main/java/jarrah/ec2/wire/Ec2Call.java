package jarrah.ec2.wire;

import jarrah.aws.AwsTime;
import jarrah.aws.QueryRequest;
import jarrah.aws.RequestId;
import jarrah.aws.XmlWriter;
import jarrah.ec2.compute.Ec2Error;
import jarrah.iam.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request to EC2, or a structure inside it: the parameters below a prefix.
 *
 * @param request all parameters
 * @param prefix what the names of this structure's parameters begin with; empty for the request itself
 * @param caller who asks
 * @param id of the request
 */
record Ec2Call(QueryRequest request, String prefix, Principal.User caller, RequestId id) {
    private static final Pattern VERSION = Pattern.compile("20[0-9]{2}-[0-9]{2}-[0-9]{2}");
    private static final String NEWEST = "2016-11-15";

    /** The caller's account. */
    String accountId() {
        return caller.accountId();
    }

    /** The parameter; empty if it was not sent or has no text. */
    Optional<String> optional(String name) {
        return Optional.ofNullable(request.get(prefix + name)).filter(value -> !value.isEmpty());
    }

    /** The first of these names that was sent: the newer name, then what older clients send. */
    Optional<String> either(String name, String other) {
        return optional(name).or(() -> optional(other));
    }

    /** The parameter, or EC2's error. */
    String text(String name) {
        return optional(name)
                .orElseThrow(() ->
                        Ec2Error.MISSING_PARAMETER.because("The request must contain the parameter " + prefix + name));
    }

    Optional<Integer> integer(String name) {
        return optional(name).map(value -> {
            try {
                return Integer.valueOf(value);
            } catch (NumberFormatException e) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Value (" + value + ") for parameter " + prefix + name + " is invalid: not a number.");
            }
        });
    }

    Optional<Boolean> flag(String name) {
        return optional(name).map(value -> switch (value) {
            case "true", "True", "1" -> true;
            case "false", "False", "0" -> false;
            default ->
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Value (" + value + ") for parameter " + prefix + name + " is invalid: not true or false.");
        });
    }

    /** The values of a list: {@code Name.1}, {@code Name.2}. */
    List<String> list(String name) {
        return request.list(prefix + name);
    }

    /** The structures of a list, by ascending index. */
    List<Ec2Call> structures(String name) {
        var found = new ArrayList<Ec2Call>();
        for (int i = 1; request.has(prefix + name + "." + i + "."); i++) {
            found.add(new Ec2Call(request, prefix + name + "." + i + ".", caller, id));
        }
        return found;
    }

    /** The structure of that name, if any parameter of it was sent. */
    Optional<Ec2Call> structure(String name) {
        return request.has(prefix + name + ".")
                ? Optional.of(new Ec2Call(request, prefix + name + ".", caller, id))
                : Optional.empty();
    }

    /** Base64 in, bytes out; old clients break it into lines. */
    Optional<byte[]> bytes(String name, Ec2Error malformed) {
        return optional(name).map(value -> {
            try {
                // Not the decoder for MIME: it passes over whatever is not Base64.
                return Base64.getDecoder().decode(value.replaceAll("\\s", "").getBytes(StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw malformed.because("Invalid BASE64 encoding of " + prefix + name);
            }
        });
    }

    /** Ends here if the caller only wanted to know whether it may: everything before this must be free of effects. */
    void endOfDryRun() {
        if (flag("DryRun").orElse(false)) {
            throw Ec2Error.DRY_RUN.because("Request would have succeeded, but DryRun flag is set.");
        }
    }

    /** Tags by the type of resource, as {@code TagSpecification} gives them. */
    Map<String, String> tags(String resourceType, Map<String, Boolean> known) {
        var tags = new HashMap<String, String>();
        for (Ec2Call specification : structures("TagSpecification")) {
            String type = specification.text("ResourceType");
            if (!known.containsKey(type)) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "'" + type + "' is not a valid taggable resource type for this operation.");
            }
            Map<String, String> specified = tagsOf(specification);
            if (specified.isEmpty()) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because("Tag specification must have at least one tag");
            }
            if (type.equals(resourceType)) {
                tags.putAll(specified);
            }
        }
        return tags;
    }

    /** Tags of an action that makes one resource. */
    Map<String, String> tags(String resourceType) {
        return tags(resourceType, Map.of(resourceType, true));
    }

    /** {@code Tag.N.Key} and {@code Tag.N.Value}. */
    static Map<String, String> tagsOf(Ec2Call call) {
        var tags = new HashMap<String, String>();
        for (Ec2Call tag : call.structures("Tag")) {
            if (tags.put(tag.text("Key"), tag.optional("Value").orElse("")) != null) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Duplicate tag key '" + tag.text("Key") + "' specified.");
            }
        }
        return tags;
    }

    /** The whole answer; the namespace echoes the version that the client speaks. */
    byte[] answer(Consumer<XmlWriter> content) {
        String asked = request.get("Version");
        String version = asked != null && VERSION.matcher(asked).matches() ? asked : NEWEST;
        var xml = new XmlWriter(request.action() + "Response", "http://ec2.amazonaws.com/doc/" + version + "/");
        xml.text("requestId", id.id());
        content.accept(xml);
        return xml.bytes();
    }

    /** The answer of an action that has nothing to tell. */
    byte[] done() {
        return answer(xml -> xml.text("return", true));
    }

    /** A list of items. */
    static <T> void items(XmlWriter xml, String name, Iterable<T> items, Consumer<T> item) {
        xml.start(name);
        for (T one : items) {
            xml.start("item");
            item.accept(one);
            xml.end();
        }
        xml.end();
    }

    /** An element, if there is something to say. */
    static void maybe(XmlWriter xml, String name, Optional<String> value) {
        value.ifPresent(text -> xml.text(name, text));
    }

    static void tagSet(XmlWriter xml, Map<String, String> tags) {
        if (!tags.isEmpty()) {
            items(
                    xml,
                    "tagSet",
                    tags.entrySet(),
                    tag -> xml.text("key", tag.getKey()).text("value", tag.getValue()));
        }
    }

    static String time(@Nullable Instant at) {
        return AwsTime.iso(at == null ? Instant.EPOCH : at);
    }
}
