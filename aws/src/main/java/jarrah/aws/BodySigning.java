package jarrah.aws;

import org.jspecify.annotations.Nullable;

/** How a request's body is tied to its signature: what {@code x-amz-content-sha256} stands for. */
public sealed interface BodySigning {
    /** Not covered, or covered by the transport alone ({@code UNSIGNED-PAYLOAD}, presigned URLs, anonymous requests). */
    record Unsigned() implements BodySigning {}

    /**
     * Covered by one digest.
     *
     * @param sha256Hex SHA-256 of the body in lower-case hex
     */
    record Digest(String sha256Hex) implements BodySigning {}

    /**
     * In {@code aws-chunked} coding.
     *
     * @param chain checks each chunk's signature; null for {@code STREAMING-UNSIGNED-PAYLOAD-TRAILER}
     * @param trailer whether header fields follow the last chunk
     */
    record Chunked(@Nullable ChunkChain chain, boolean trailer) implements BodySigning {}
}
