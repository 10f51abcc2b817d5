package jarrah.s3.store;

import org.jspecify.annotations.Nullable;

/** Whether a bucket keeps what is overwritten and deleted; the names but the first are those of the wire. */
public enum Versioning {
    /** It was never asked to: each object is the null version. */
    UNSET(""),
    /** Each put makes a version, each delete a marker. */
    ENABLED("Enabled"),
    /** What was kept stays; puts and deletes replace the null version. */
    SUSPENDED("Suspended");

    private final String wireName;

    Versioning(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /** The state of a name, which a client can ask for; null if there is none. */
    public static @Nullable Versioning of(String wireName) {
        return wireName.equals(ENABLED.wireName) ? ENABLED : wireName.equals(SUSPENDED.wireName) ? SUSPENDED : null;
    }
}
