package jarrah.s3.wire;

import jarrah.aws.AwsException;

/** What is wrong with an S3 request before any bucket is looked at; codes and messages as S3 gives them. */
public abstract sealed class S3WireException extends AwsException {
    private S3WireException(String code, int status, String message) {
        super(code, status, message);
    }

    /** The target is not percent-encoded UTF-8. */
    public static final class InvalidUri extends S3WireException {
        public InvalidUri() {
            super("InvalidURI", 400, "Couldn't parse the specified URI.");
        }
    }

    /** A parameter or header has a value that S3 does not take. */
    public static final class InvalidArgument extends S3WireException {
        public InvalidArgument(String message, String name, String value) {
            super("InvalidArgument", 400, message);
            field("ArgumentName", name);
            field("ArgumentValue", value);
        }
    }

    /** The XML is not well-formed or is not what the operation takes. */
    public static final class MalformedXml extends S3WireException {
        public MalformedXml() {
            super(
                    "MalformedXML",
                    400,
                    "The XML you provided was not well-formed or did not validate against our published schema");
        }
    }

    /** The XML is longer than any that the operation takes. */
    public static final class MaxMessageLengthExceeded extends S3WireException {
        public MaxMessageLengthExceeded(int limitBytes) {
            super("MaxMessageLengthExceeded", 400, "Your request was too big.");
            field("MaxMessageLengthBytes", Integer.toString(limitBytes));
        }
    }

    /** An operation, or an option of one, that is not served here. */
    public static final class NotImplemented extends S3WireException {
        public NotImplemented(String what) {
            super(
                    "NotImplemented",
                    501,
                    "A header or operation you provided implies functionality that is not" + " implemented: " + what);
            field("Header", what);
        }
    }

    /** No operation of S3 has this method here. */
    public static final class MethodNotAllowed extends S3WireException {
        public MethodNotAllowed(String method) {
            super("MethodNotAllowed", 405, "The specified method is not allowed against this resource.");
            field("Method", method);
        }
    }

    /** A sub-resource that was never configured; the code says which. */
    public static final class NotConfigured extends S3WireException {
        public NotConfigured(String code, String message, String bucket) {
            super(code, 404, message);
            field("BucketName", bucket);
        }
    }

    /** The digest in {@code Content-MD5} is not one. */
    public static final class InvalidDigest extends S3WireException {
        public InvalidDigest(String value) {
            super("InvalidDigest", 400, "The Content-MD5 you specified was invalid.");
            field("Content-MD5", value);
        }
    }

    /** A body whose length nobody tells. */
    public static final class MissingContentLength extends S3WireException {
        public MissingContentLength() {
            super("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
        }
    }

    /** More user metadata than S3 keeps. */
    public static final class MetadataTooLarge extends S3WireException {
        public MetadataTooLarge(int size) {
            super("MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size");
            field("Size", Integer.toString(size));
            field("MaxSizeAllowed", "2048");
        }
    }

    /** Days or years that nothing can be kept for. */
    public static final class InvalidRetentionPeriod extends S3WireException {
        public InvalidRetentionPeriod(String message) {
            super("InvalidRetentionPeriod", 400, message);
        }
    }

    /** A versioning configuration that says nothing. */
    public static final class IllegalVersioningConfiguration extends S3WireException {
        public IllegalVersioningConfiguration() {
            super("IllegalVersioningConfigurationException", 400, "The Versioning element must be specified");
        }
    }

    /** Only who shows an authentication device may do this. */
    public static final class MfaRequired extends S3WireException {
        public MfaRequired() {
            super("AccessDenied", 403, "Mfa Authentication must be used for this request");
        }
    }

    /** The caller may not do this. */
    public static final class AccessDenied extends S3WireException {
        public AccessDenied() {
            super("AccessDenied", 403, "Access Denied");
        }
    }

    /** A region in a signature or a location that is not this one. */
    public static final class WrongRegion extends S3WireException {
        public WrongRegion(String given, String here) {
            super(
                    "AuthorizationHeaderMalformed",
                    400,
                    "The authorization header is malformed; the region '" + given + "' is wrong; expecting '" + here
                            + "'");
            field("Region", here);
        }
    }

    /** The bucket cannot be made in the region that the body names. */
    public static final class IllegalLocation extends S3WireException {
        public IllegalLocation(String location) {
            super(
                    "IllegalLocationConstraintException",
                    400,
                    "The " + location + " location constraint is incompatible for the region specific endpoint this"
                            + " request was sent to.");
        }
    }

    /** ACLs are off in this bucket. */
    public static final class AclNotSupported extends S3WireException {
        public AclNotSupported() {
            super("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");
        }
    }

    /** No account, or several, have the e-mail address. */
    public static final class UnresolvableGrantByEmailAddress extends S3WireException {
        public UnresolvableGrantByEmailAddress() {
            super(
                    "UnresolvableGrantByEmailAddress",
                    400,
                    "The e-mail address you provided does not match any account on record.");
        }
    }

    /** The bucket has an ACL that gives others rights, and was to have none. */
    public static final class InvalidBucketAclWithObjectOwnership extends S3WireException {
        public InvalidBucketAclWithObjectOwnership() {
            super(
                    "InvalidBucketAclWithObjectOwnership",
                    400,
                    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
        }
    }

    /** The document is no policy, or none for this bucket. */
    public static final class MalformedPolicy extends S3WireException {
        public MalformedPolicy(String message) {
            super("MalformedPolicy", 400, message);
        }
    }

    /** A body where the headers say it all. */
    public static final class UnexpectedContent extends S3WireException {
        public UnexpectedContent() {
            super("UnexpectedContent", 400, "This request does not support content");
        }
    }

    /** A request to set an ACL that gives none. */
    public static final class MissingSecurityHeader extends S3WireException {
        public MissingSecurityHeader() {
            super("MissingSecurityHeader", 400, "Your request was missing a required header");
            field("MissingHeaderName", "x-amz-acl");
        }
    }

    /** The XML is no ACL. */
    public static final class MalformedAcl extends S3WireException {
        public MalformedAcl() {
            super(
                    "MalformedACLError",
                    400,
                    "The XML you provided was not well-formed or did not validate against our published schema");
        }
    }

    /** No storage class of that name. */
    public static final class InvalidStorageClass extends S3WireException {
        public InvalidStorageClass(String name) {
            super("InvalidStorageClass", 400, "The storage class you specified is not valid");
            field("StorageClassRequested", name);
        }
    }

    /** No place that an object can send browsers to. */
    public static final class InvalidRedirectLocation extends S3WireException {
        public InvalidRedirectLocation(String message) {
            super("InvalidRedirectLocation", 400, message);
        }
    }

    /** More configurations of a kind than a bucket can have. */
    public static final class TooManyConfigurations extends S3WireException {
        public TooManyConfigurations() {
            super(
                    "TooManyConfigurations",
                    400,
                    "You are attempting to create a new configuration but have already reached the 1,000-configuration"
                            + " limit.");
        }
    }

    /** A preflight that does not say what it is about. */
    public static final class BadPreflight extends S3WireException {
        public BadPreflight(String message) {
            super("BadRequest", 400, message);
        }
    }

    /** A page of another origin may not do this. */
    public static final class CorsForbidden extends S3WireException {
        public CorsForbidden(String message, String method, String resourceType) {
            super("AccessForbidden", 403, "CORSResponse: " + message);
            field("Method", method);
            field("ResourceType", resourceType);
        }
    }

    /** An algorithm that a client's key cannot be used with. */
    public static final class InvalidEncryptionAlgorithm extends S3WireException {
        public InvalidEncryptionAlgorithm(String algorithm) {
            super(
                    "InvalidEncryptionAlgorithmError",
                    400,
                    "The Encryption request you specified is not valid. Supported value: AES256.");
            field("ArgumentName", "x-amz-server-side-encryption");
            field("ArgumentValue", algorithm);
        }
    }

    /** The body is no form. */
    public static final class MalformedForm extends S3WireException {
        public MalformedForm(String message) {
            super("MalformedPOSTRequest", 400, message);
        }
    }

    /** The fields of a form are too long. */
    public static final class FormTooLarge extends S3WireException {
        public FormTooLarge(int limitBytes) {
            super(
                    "MaxPostPreDataLengthExceeded",
                    400,
                    "Your POST request fields preceding the upload file were too large.");
            field("MaxPostPreDataLengthBytes", Integer.toString(limitBytes));
        }
    }

    /** A form without the field {@code file}. */
    public static final class FormWithoutFile extends S3WireException {
        public FormWithoutFile() {
            super("InvalidArgument", 400, "POST requires exactly one file upload per request.");
            field("ArgumentName", "file");
            field("ArgumentValue", "0");
        }
    }

    /** The policy of a form makes no sense. */
    public static final class InvalidPolicyDocument extends S3WireException {
        public InvalidPolicyDocument(String message) {
            super("InvalidPolicyDocument", 400, message);
        }
    }

    /** The form is not what its policy lets it be. */
    public static final class PolicyFailed extends S3WireException {
        public PolicyFailed(String message) {
            super("AccessDenied", 403, message);
        }
    }

    /** Fewer bytes than the policy of a form wants. */
    public static final class EntityTooSmall extends S3WireException {
        public EntityTooSmall(long size, long least) {
            super("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size");
            field("ProposedSize", Long.toString(size));
            field("MinSizeAllowed", Long.toString(least));
        }
    }

    /** The endpoint of a destination elsewhere does not answer. */
    public static final class RemoteUnavailable extends S3WireException {
        public RemoteUnavailable(String message) {
            super("ServiceUnavailable", 503, message);
        }
    }
}
