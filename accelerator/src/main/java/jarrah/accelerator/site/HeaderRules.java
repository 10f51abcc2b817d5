package jarrah.accelerator.site;

import jarrah.http.Headers;
import java.util.List;
import java.util.Map;

/**
 * Changes to the fields of a site's responses.
 *
 * @param set fields to replace or add, by name
 * @param remove names of fields to drop
 */
public record HeaderRules(Map<String, String> set, List<String> remove) {
    /** No changes. */
    public static final HeaderRules NONE = new HeaderRules(Map.of(), List.of());

    /** Changes those fields in place: first what is removed, then what is set. */
    public void apply(Headers headers) {
        remove.forEach(headers::remove);
        set.forEach(headers::set);
    }
}
