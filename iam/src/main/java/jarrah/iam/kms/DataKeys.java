package jarrah.iam.kms;

/** Data keys under keys of the local key service, for rooms that encrypt on a caller's behalf. Thread-safe. */
public interface DataKeys {
    /**
     * A data key.
     *
     * @param keyArn of the key that wraps it
     * @param plaintext 32 bytes, not to be kept
     * @param wrapped what to keep
     */
    record DataKey(String keyArn, byte[] plaintext, byte[] wrapped) {
        @Override
        public String toString() {
            return "DataKey[" + keyArn + "]";
        }
    }

    /**
     * Makes a data key.
     *
     * @param keyArn an enabled key's
     * @param context that the key is bound to, Base64 of JSON; empty for none
     * @throws jarrah.aws.AwsException if the key is not there or not enabled
     */
    DataKey make(String keyArn, String context);

    /**
     * Opens a data key.
     *
     * @throws jarrah.aws.AwsException if the key that wraps it is not there or not enabled
     */
    byte[] open(String keyArn, byte[] wrapped, String context);
}
