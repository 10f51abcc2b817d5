package jarrah.ec2.wire;

import jarrah.ec2.compute.Ec2Error;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The filters that a kind of resource can be described by: {@code Filter.N.Name} with {@code Filter.N.Value.M}. All filters
 * must hold; of a filter's values one. A value may hold {@code *} and {@code ?}, and a backslash before them.
 */
final class Filters<T> {
    private static final int MAX_VALUES = 200;

    private final Map<String, Function<T, Collection<String>>> known = new LinkedHashMap<>();
    private final Function<T, Map<String, String>> tags;

    /** @param tags of a resource; gives the filters {@code tag:KEY}, {@code tag-key} and {@code tag-value} */
    Filters(Function<T, Map<String, String>> tags) {
        this.tags = tags;
        known.put("tag-key", resource -> tags.apply(resource).keySet());
        known.put("tag-value", resource -> tags.apply(resource).values());
    }

    /** A filter on an attribute that every resource has. */
    Filters<T> by(String name, Function<T, String> attribute) {
        known.put(name, resource -> List.of(attribute.apply(resource)));
        return this;
    }

    /** A filter on an attribute that a resource may lack. */
    Filters<T> byOptional(String name, Function<T, Optional<String>> attribute) {
        known.put(name, resource -> attribute.apply(resource).stream().toList());
        return this;
    }

    /** A filter on an attribute with several values. */
    Filters<T> byAny(String name, Function<T, Collection<String>> attribute) {
        known.put(name, attribute);
        return this;
    }

    /** The resources that the request's filters let through; an unknown filter is an error even if there are none. */
    List<T> apply(Ec2Call call, Collection<T> resources) {
        List<T> left = new ArrayList<>(resources);
        for (Ec2Call filter : call.structures("Filter")) {
            String name = filter.text("Name");
            List<String> values = filter.list("Value");
            if (values.size() > MAX_VALUES) {
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "The maximum number of values of a filter is " + MAX_VALUES + ".");
            }
            Function<T, Collection<String>> attribute = attribute(name);
            left.removeIf(resource -> attribute.apply(resource).stream().noneMatch(value -> matches(values, value)));
        }
        return left;
    }

    private Function<T, Collection<String>> attribute(String name) {
        if (name.startsWith("tag:")) {
            String key = name.substring("tag:".length());
            return resource ->
                    Optional.ofNullable(tags.apply(resource).get(key)).stream().toList();
        }
        Function<T, Collection<String>> attribute = known.get(name);
        if (attribute == null) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("The filter '" + name + "' is invalid");
        }
        return attribute;
    }

    private static boolean matches(List<String> patterns, String value) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, value));
    }

    /** Whether a value fits a pattern; goes back to the last star only, so that no pattern is expensive. */
    static boolean matches(String pattern, String value) {
        int p = 0;
        int v = 0;
        int star = -1;
        int resumeAt = 0;
        while (v < value.length()) {
            char c = p < pattern.length() ? pattern.charAt(p) : 0;
            boolean escaped = c == '\\' && p + 1 < pattern.length();
            if (p < pattern.length() && c == '*') {
                star = p++;
                resumeAt = v;
            } else if (p < pattern.length()
                    && (escaped ? pattern.charAt(p + 1) == value.charAt(v) : c == '?' || c == value.charAt(v))) {
                p += escaped ? 2 : 1;
                v++;
            } else if (star >= 0) {
                p = star + 1;
                v = ++resumeAt;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
