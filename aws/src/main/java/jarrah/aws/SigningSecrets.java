package jarrah.aws;

import org.jspecify.annotations.Nullable;

/** Finds the secret of an access key; {@code iam} is one. */
@FunctionalInterface
public interface SigningSecrets {
    /** The secret access key of an active key; null if there is no such key. */
    @Nullable
    String secretOf(String accessKeyId);
}
