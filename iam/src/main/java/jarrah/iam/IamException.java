package jarrah.iam;

import jarrah.aws.AwsException;

/** What IAM refuses, in AWS's words. */
public abstract sealed class IamException extends AwsException {
    private IamException(String code, int status, String message) {
        super(code, status, message);
    }

    /** A name, id or key that does not have the form that AWS gives it. */
    public static final class ValidationError extends IamException {
        public ValidationError(String message) {
            super("ValidationError", 400, message);
        }
    }

    /** It is there already, and is not what was asked for. */
    public static final class EntityAlreadyExists extends IamException {
        public EntityAlreadyExists(String message) {
            super("EntityAlreadyExists", 409, message);
        }
    }

    /** There is no such account, user or key. */
    public static final class NoSuchEntity extends IamException {
        public NoSuchEntity(String message) {
            super("NoSuchEntity", 404, message);
        }
    }
}
