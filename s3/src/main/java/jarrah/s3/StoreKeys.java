package jarrah.s3;

import jarrah.iam.SecretBox;
import jarrah.iam.kms.DataKeys;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.ServerKeys;
import java.security.SecureRandom;

/** The keys of encrypted objects: wrapped by the server's own key, or by one of the local key service. */
public final class StoreKeys implements ServerKeys {
    private static final String PURPOSE = "data key of an object";
    private static final int KEY_BYTES = 32;

    private final SecretBox box;
    private final DataKeys kms;
    private final SecureRandom random = new SecureRandom();

    public StoreKeys(SecretBox box, DataKeys kms) {
        this.box = box;
        this.kms = kms;
    }

    @Override
    public DataKey make(Encryption mode) {
        if (mode.kind() == Encryption.Kind.S3) {
            byte[] key = new byte[KEY_BYTES];
            random.nextBytes(key);
            return new DataKey(mode.withKey("", box.seal(key, PURPOSE)), key);
        }
        DataKeys.DataKey made = kms.make(mode.keyId(), mode.context());
        return new DataKey(mode.withKey(made.keyArn(), made.wrapped()), made.plaintext());
    }

    @Override
    public byte[] open(Encryption encryption) {
        return encryption.kind() == Encryption.Kind.S3
                ? box.unseal(encryption.wrappedKey(), PURPOSE)
                : kms.open(encryption.keyId(), encryption.wrappedKey(), encryption.context());
    }
}
