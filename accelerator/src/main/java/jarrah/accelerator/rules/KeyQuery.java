package jarrah.accelerator.rules;

import jarrah.http.PercentCoding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a query is part of what is asked for: of the key, of what the origin is sent, and of what a signed URL covers.
 *
 * @param whole whether all of it is, as sent
 * @param names of the parameters that are, if it is not; empty for nothing
 */
public record KeyQuery(boolean whole, List<String> names) {
    /** All of it, byte for byte. */
    public static final KeyQuery WHOLE = new KeyQuery(true, List.of());

    /** Nothing. */
    public static final KeyQuery NONE = new KeyQuery(false, List.of());

    public KeyQuery {
        names = List.copyOf(names);
    }

    /** These parameters alone. */
    public static KeyQuery of(List<String> names) {
        return new KeyQuery(false, names);
    }

    /**
     * What counts of a query. Of chosen parameters every one that is sent, in the order in which the names are given, so that
     * one question has one key; parameters stand between ampersands and nothing else, so that none can hide in another.
     *
     * @param query as sent; null for none
     * @return null if nothing of it counts
     */
    public @Nullable String of(@Nullable String query) {
        if (whole || query == null) {
            return query;
        }
        var counting = new StringBuilder();
        for (String name : names) {
            for (String parameter : query.split("&", -1)) {
                int end = parameter.indexOf('=');
                String sent = end < 0 ? parameter : parameter.substring(0, end);
                if (PercentCoding.decode(sent, true).orElse(sent).equals(name)) {
                    counting.append(counting.isEmpty() ? "" : "&").append(parameter);
                }
            }
        }
        return counting.isEmpty() ? null : counting.toString();
    }
}
