package jarrah.iam.policy;

/** What policies say of a request. */
public enum Decision {
    /** A statement denies it: nothing can allow it. */
    EXPLICIT_DENY,
    ALLOW,
    /** No statement is about it. */
    IMPLICIT_DENY
}
