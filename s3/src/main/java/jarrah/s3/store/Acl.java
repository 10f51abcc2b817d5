package jarrah.s3.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what with a bucket or an object, besides what policies say.
 *
 * @param ownerId canonical id of the owner, 64 hexadecimal digits; he has no rights by that alone but to read and change
 *     the ACL
 * @param grants at most 100, as with AWS
 */
public record Acl(String ownerId, List<Grant> grants) {
    /** The most grants that S3 takes. */
    public static final int MAX_GRANTS = 100;

    public Acl {
        grants = List.copyOf(grants);
    }

    /** A right of somebody. */
    public record Grant(Grantee grantee, Permission permission) {}

    /** Who is given a right. */
    public sealed interface Grantee {
        /** An account, by its canonical id. */
        record CanonicalUser(String id) implements Grantee {}

        /** One of the groups that AWS knows. */
        enum Group implements Grantee {
            ALL_USERS("http://acs.amazonaws.com/groups/global/AllUsers"),
            AUTHENTICATED_USERS("http://acs.amazonaws.com/groups/global/AuthenticatedUsers"),
            LOG_DELIVERY("http://acs.amazonaws.com/groups/s3/LogDelivery");

            private final String uri;

            Group(String uri) {
                this.uri = uri;
            }

            /** The group's name on the wire. */
            public String uri() {
                return uri;
            }

            /** The group of a URI; null if there is none. */
            public static @Nullable Group of(String uri) {
                for (Group group : values()) {
                    if (group.uri.equals(uri)) {
                        return group;
                    }
                }
                return null;
            }
        }
    }

    /** A right; the names are those of the wire. */
    public enum Permission {
        FULL_CONTROL,
        WRITE,
        WRITE_ACP,
        READ,
        READ_ACP
    }

    /**
     * Whether somebody has a right by this ACL.
     *
     * @param callerId his canonical id; null for an anonymous caller
     */
    public boolean allows(@Nullable String callerId, Permission wanted) {
        return allows(callerId, wanted, true);
    }

    /**
     * Whether somebody has a right by this ACL.
     *
     * @param callerId his canonical id; null for an anonymous caller
     * @param groups whether what groups are granted counts
     */
    public boolean allows(@Nullable String callerId, Permission wanted, boolean groups) {
        if (ownerId.equals(callerId) && (wanted == Permission.READ_ACP || wanted == Permission.WRITE_ACP)) {
            return true;
        }
        for (Grant grant : grants) {
            boolean gives = grant.permission() == wanted || grant.permission() == Permission.FULL_CONTROL;
            boolean counts = groups || grant.grantee() instanceof Grantee.CanonicalUser;
            if (gives && counts && includes(grant.grantee(), callerId)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it gives anything to everybody, or to everybody with an account. */
    public boolean isPublic() {
        return grants.stream()
                .anyMatch(grant -> grant.grantee() == Grantee.Group.ALL_USERS
                        || grant.grantee() == Grantee.Group.AUTHENTICATED_USERS);
    }

    /** Whether it gives nothing to anybody but the owner. */
    public boolean isPrivate() {
        return grants.stream().allMatch(grant -> grant.grantee().equals(new Grantee.CanonicalUser(ownerId)));
    }

    private static boolean includes(Grantee grantee, @Nullable String callerId) {
        return switch (grantee) {
            case Grantee.CanonicalUser(var id) -> id.equals(callerId);
            case Grantee.Group.ALL_USERS -> true;
            case Grantee.Group.AUTHENTICATED_USERS -> callerId != null;
            case Grantee.Group.LOG_DELIVERY -> false; // the log writer is part of the store, never a caller
        };
    }
}
