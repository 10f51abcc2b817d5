package jarrah.aws;

import java.time.Instant;

/** Who sent a request, as far as its signature tells. */
public sealed interface Authentication {
    /** How the body is tied to the signature. */
    BodySigning bodySigning();

    /**
     * Not signed at all.
     *
     * @param bodySigning what {@code x-amz-content-sha256} says of the body all the same
     */
    record Anonymous(BodySigning bodySigning) implements Authentication {}

    /**
     * Signed with the secret of an access key.
     *
     * @param accessKeyId the key, which exists and is active
     * @param scope date, region and service that it was signed for
     * @param time when it was signed
     * @param presigned whether the signature came in the query
     */
    record Signed(String accessKeyId, CredentialScope scope, Instant time, boolean presigned, BodySigning bodySigning)
            implements Authentication {
        /** Whether the signature is of version 2, which knows no scope. */
        public boolean version2() {
            return scope.equals(CredentialScope.NONE);
        }
    }
}
