package jarrah.s3.store;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * How the bytes of an object or a part are encrypted: AES-256-GCM with a data key of their own, which lies beside them
 * wrapped by another key ("Protecting data with encryption", Amazon S3 User Guide).
 *
 * @param keyId ARN of the KMS key; empty for other kinds
 * @param wrappedKey the data key, of use to the holder of the other key alone; empty in the record of an upload, whose
 *     parts have their own
 * @param customerKeyMd5 Base64 of the MD5 of the customer's key; empty for other kinds
 * @param context what KMS was told besides, Base64 of JSON; empty for nothing
 * @param bucketKey whether the client asked for a bucket key; told back, without effect here
 */
public record Encryption(
        Kind kind, String keyId, byte[] wrappedKey, String customerKeyMd5, String context, boolean bucketKey) {
    private static final byte[] NO_KEY = new byte[0];

    /** Whose key wraps the data key. The names stand in records. */
    public enum Kind {
        /** The server's. */
        S3("AES256"),
        KMS("aws:kms"),
        KMS_DSSE("aws:kms:dsse"),
        /** The client's, which comes with each request and is not kept. */
        CUSTOMER("AES256");

        private final String wireName;

        Kind(String wireName) {
            this.wireName = wireName;
        }

        /** The algorithm as headers name it. */
        public String wireName() {
            return wireName;
        }

        /** Whether the ETag is the MD5 of the bytes all the same, as AWS has it. */
        boolean keepsMd5() {
            return this == S3;
        }
    }

    /** With the server's own key. */
    public static Encryption s3() {
        return new Encryption(Kind.S3, "", NO_KEY, "", "", false);
    }

    /** With a key of KMS. */
    public static Encryption kms(Kind kind, String keyId, String context, boolean bucketKey) {
        return new Encryption(kind, keyId, NO_KEY, "", context, bucketKey);
    }

    /** With the client's key. */
    public static Encryption customer(String keyMd5) {
        return new Encryption(Kind.CUSTOMER, "", NO_KEY, keyMd5, "", false);
    }

    /** Whether bytes that are encrypted so open with a key of the client's alone. */
    static boolean isCustomers(Optional<Encryption> encryption) {
        return encryption.filter(there -> there.kind() == Kind.CUSTOMER).isPresent();
    }

    /** The same for bytes with this data key. */
    public Encryption withKey(String actualKeyId, byte[] wrapped) {
        return new Encryption(kind, actualKeyId, wrapped, customerKeyMd5, context, bucketKey);
    }

    /** The same without a data key, as an upload or a bucket has it. */
    Encryption mode() {
        return new Encryption(kind, keyId, NO_KEY, customerKeyMd5, context, bucketKey);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encryption that
                && kind == that.kind
                && keyId.equals(that.keyId)
                && Arrays.equals(wrappedKey, that.wrappedKey)
                && customerKeyMd5.equals(that.customerKeyMd5)
                && context.equals(that.context)
                && bucketKey == that.bucketKey;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, keyId, Arrays.hashCode(wrappedKey), customerKeyMd5);
    }

    @Override
    public String toString() {
        return "Encryption[" + kind + " " + keyId + "]";
    }
}
