package jarrah.aws;

/**
 * The signatures of an {@code aws-chunked} body: each chunk's covers the one before it ("Signature Calculations for the
 * Authorization Header: Transferring Payload in Multiple Chunks"). Owned by the thread that reads the body.
 */
public final class ChunkChain {
    private final SigningKey key;
    private final String accessKeyId;
    private final String time;
    private final CredentialScope scope;
    private String previous;

    ChunkChain(SigningKey key, String accessKeyId, String time, CredentialScope scope, String seed) {
        this.key = key;
        this.accessKeyId = accessKeyId;
        this.time = time;
        this.scope = scope;
        this.previous = seed;
    }

    /** The signature that a chunk with this digest must carry; the chain moves on to it. */
    String next(String chunkSha256Hex) {
        return advance("AWS4-HMAC-SHA256-PAYLOAD", Hashing.EMPTY_SHA256 + "\n" + chunkSha256Hex);
    }

    /** The signature that the trailer with this digest must carry. */
    String trailer(String trailerSha256Hex) {
        return advance("AWS4-HMAC-SHA256-TRAILER", trailerSha256Hex);
    }

    private String advance(String algorithm, String rest) {
        previous = key.sign(stringToSign(algorithm, rest));
        return previous;
    }

    private String stringToSign(String algorithm, String rest) {
        return algorithm + "\n" + time + "\n" + scope + "\n" + previous + "\n" + rest;
    }

    AuthenticationException mismatch(String provided) {
        return new AuthenticationException.Mismatch(
                accessKeyId, provided, "AWS4-HMAC-SHA256-PAYLOAD\n" + time + "\n" + scope, "");
    }
}
