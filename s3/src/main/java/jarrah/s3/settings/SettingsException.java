package jarrah.s3.settings;

import jarrah.aws.AwsException;

/** A document that S3 does not take; codes and messages as S3 gives them. */
public abstract sealed class SettingsException extends AwsException {
    private SettingsException(String code, int status, String message) {
        super(code, status, message);
    }

    /** Not what the schema says. */
    public static final class MalformedXml extends SettingsException {
        public MalformedXml() {
            super(
                    "MalformedXML",
                    400,
                    "The XML you provided was not well-formed or did not validate against our published schema");
        }
    }

    /** A value that makes no sense. */
    public static final class InvalidArgument extends SettingsException {
        public InvalidArgument(String message) {
            super("InvalidArgument", 400, message);
        }

        public InvalidArgument(String message, String name, String value) {
            this(message);
            field("ArgumentName", name);
            field("ArgumentValue", value);
        }
    }

    /** Values that do not go together. */
    public static final class InvalidRequest extends SettingsException {
        public InvalidRequest(String message) {
            super("InvalidRequest", 400, message);
        }
    }

    /** What S3 has and this store has not. */
    public static final class NotServed extends SettingsException {
        public NotServed(String element) {
            super("NotImplemented", 501, "A header you provided implies functionality that is not implemented");
            field("Header", element);
        }
    }

    /** A tag that S3 does not take. */
    public static final class InvalidTag extends SettingsException {
        public InvalidTag(String message, String name) {
            super("InvalidTag", 400, message);
            field("TagKey", name);
        }
    }

    /** More tags than there may be. */
    public static final class TooManyTags extends SettingsException {
        public TooManyTags(String message) {
            super("BadRequest", 400, message);
        }
    }

    /** The bucket that logs shall go to does not take them. */
    public static final class InvalidTargetBucketForLogging extends SettingsException {
        public InvalidTargetBucketForLogging(String message, String bucket) {
            super("InvalidTargetBucketForLogging", 400, message);
            field("TargetBucket", bucket);
        }
    }

    /** The bucket is not in the state that the document needs. */
    public static final class InvalidBucketState extends SettingsException {
        public InvalidBucketState(String message) {
            super("InvalidBucketState", 409, message);
        }
    }
}
