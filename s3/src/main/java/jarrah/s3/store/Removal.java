package jarrah.s3.store;

import org.jspecify.annotations.Nullable;

/**
 * What a deletion did.
 *
 * @param number of the change; 0 if there was nothing to do
 * @param version that was deleted, or the delete marker that was made; null in a bucket without versions
 * @param deleteMarker whether that is a delete marker
 * @param exists whether the object exists after it
 * @param sameCurrent whether the current version is what it was
 */
public record Removal(
        long number, @Nullable VersionId version, boolean deleteMarker, boolean exists, boolean sameCurrent) {
    static final Removal NOTHING = new Removal(0, null, false, false, true);

    /** One after which there is no object. */
    static Removal of(long number, @Nullable VersionId version, boolean deleteMarker) {
        return new Removal(number, version, deleteMarker, false, false);
    }

    /** Whether anything was deleted or marked. */
    public boolean happened() {
        return number > 0;
    }
}
