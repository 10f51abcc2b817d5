package jarrah.iam.kms;

import jarrah.aws.AwsException;

/** What is wrong with a request to the key service, by the names of its model ("AWS KMS API Reference"). */
public final class KmsException extends AwsException {
    KmsException(String code, String message) {
        super(code, 400, message);
    }

    static KmsException invalid(String message) {
        return new KmsException("ValidationException", message);
    }

    /** The same fault as S3 tells of it. */
    KmsException ofS3() {
        return new KmsException("KMS." + code(), text());
    }
}
