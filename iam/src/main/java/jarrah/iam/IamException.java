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

    /** A certificate that cannot be read. */
    public static final class MalformedCertificate extends IamException {
        public MalformedCertificate() {
            super("MalformedCertificate", 400, "Certificate body is invalid: not one X.509 certificate in PEM.");
        }
    }

    /** A certificate that cannot be used. */
    public static final class InvalidCertificate extends IamException {
        public InvalidCertificate(String message) {
            super("InvalidCertificate", 400, message);
        }
    }

    /** The same certificate, once more. */
    public static final class DuplicateCertificate extends IamException {
        public DuplicateCertificate() {
            super("DuplicateCertificate", 409, "Certificate already exists.");
        }
    }

    /** More than a user may have. */
    public static final class LimitExceeded extends IamException {
        public LimitExceeded(String message) {
            super("LimitExceeded", 409, message);
        }
    }

    /** A policy that cannot be read. */
    public static final class MalformedPolicyDocument extends IamException {
        public MalformedPolicyDocument(String message) {
            super("MalformedPolicyDocument", 400, message);
        }
    }

    /** Something hangs on what is to be deleted. */
    public static final class DeleteConflict extends IamException {
        public DeleteConflict(String message) {
            super("DeleteConflict", 409, message);
        }
    }

    /** What belongs to the account as such, and can only be changed by the operator. */
    public static final class UnmodifiableEntity extends IamException {
        public UnmodifiableEntity(String message) {
            super("UnmodifiableEntity", 400, message);
        }
    }

    /** There is no such account, user or key. */
    public static final class NoSuchEntity extends IamException {
        public NoSuchEntity(String message) {
            super("NoSuchEntity", 404, message);
        }
    }
}
