package jarrah.iam.kms;

import jarrah.iam.policy.Policy;

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

    /**
     * A key that can be used.
     *
     * @param policy of the key
     * @param managed whether the service made it for its account, whose users then need no leave of their own
     */
    record Named(String arn, String accountId, boolean managed, Policy policy) {}

    /**
     * The key that an id, an ARN, an alias or an alias's ARN names.
     *
     * @param accountId the account that ids and aliases are of
     * @param key empty for the account's own key for S3, which is made if need be
     * @throws jarrah.aws.AwsException if the key is not there or not enabled
     */
    Named named(String accountId, String key);
}
