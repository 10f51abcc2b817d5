package jarrah.iam.policy;

import java.util.List;
import java.util.Locale;

/** The condition keys of a request, e.g. {@code aws:sourceip}. */
@FunctionalInterface
public interface Context {
    /** A request that brings nothing along. */
    Context EMPTY = _ -> List.of();

    /**
     * The values of a key.
     *
     * @param key as {@link #normal} writes it
     * @return empty if the request does not have the key
     */
    List<String> values(String key);

    /** These keys, and where they have nothing those of another context. */
    default Context or(Context other) {
        return key -> {
            List<String> own = values(key);
            return own.isEmpty() ? other.values(key) : own;
        };
    }

    /** Keys are told apart without regard to case; the name of a tag, behind the slash, with it. */
    static String normal(String key) {
        int slash = key.indexOf('/');
        return slash < 0
                ? key.toLowerCase(Locale.ROOT)
                : key.substring(0, slash).toLowerCase(Locale.ROOT) + key.substring(slash);
    }
}
