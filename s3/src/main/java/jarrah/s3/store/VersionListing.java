package jarrah.s3.store;

import java.util.List;
import java.util.Optional;

/**
 * A page of a bucket's versions and delete markers: by key, those of a key newest first.
 *
 * @param versions those that are not under a common prefix
 * @param commonPrefixes each once, in order; they count towards the limit as versions do
 * @param nextKey with {@code nextVersion} where the following page begins; empty if this page is the last
 * @param nextVersion empty if the last of the page was a common prefix
 */
public record VersionListing(
        List<Listed> versions, List<String> commonPrefixes, Optional<String> nextKey, Optional<VersionId> nextVersion) {
    /**
     * A version as it is listed.
     *
     * @param isLatest whether it is what a get of the key is about
     */
    public record Listed(StoredObject version, boolean isLatest) {}

    /**
     * What is listed.
     *
     * @param prefix that keys begin with; may be empty
     * @param delimiter that ends a common prefix; empty for none
     * @param keyMarker only keys behind it; empty for all
     * @param versionMarker with it, also the versions of the key marker behind this one
     * @param limit the most versions and common prefixes, 0 to 1,000
     */
    public record Query(
            String bucket,
            String prefix,
            String delimiter,
            String keyMarker,
            Optional<VersionId> versionMarker,
            int limit) {}
}
