package jarrah.iam.policy;

/** A document that is no policy; the message is what AWS would say of it. */
public final class PolicyException extends RuntimeException {
    public PolicyException(String message) {
        super(message, null, false, false);
    }
}
