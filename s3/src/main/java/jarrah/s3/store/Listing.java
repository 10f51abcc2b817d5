package jarrah.s3.store;

import java.util.List;
import java.util.Optional;

/**
 * A page of a bucket's keys, in the order of their UTF-8 bytes.
 *
 * @param objects those that are not under a common prefix
 * @param commonPrefixes each once, in order; they count towards the limit as objects do
 * @param next where the following page begins, to be given as {@code after}: the last key or common prefix of this
 *     page; empty if this page is the last
 */
public record Listing(List<StoredObject> objects, List<String> commonPrefixes, Optional<String> next) {
    /**
     * What is listed.
     *
     * @param prefix that keys begin with; may be empty
     * @param delimiter that ends a common prefix; empty for none
     * @param after only keys behind this one; empty for all. If it is a common prefix by the delimiter, nothing under it
     *     is listed
     * @param limit the most objects and common prefixes, 0 to 1,000
     */
    public record Query(String bucket, String prefix, String delimiter, String after, int limit) {}
}
