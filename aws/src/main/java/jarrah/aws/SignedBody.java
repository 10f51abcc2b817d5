package jarrah.aws;

import jarrah.http.Headers;
import jarrah.http.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * A request's body as its sender meant it: the coding removed, digests and chunk signatures checked on the way.
 *
 * <p>Bytes come out before everything about them is known; whoever stores them must not acknowledge before {@link #read}
 * has returned -1, which it does only after the last check has passed. One thread reads.
 */
public abstract sealed class SignedBody implements ReadableByteChannel permits PlainBody, AwsChunkedBody {
    /**
     * Wraps the body of an S3 request.
     *
     * @throws BodyException.LengthMissing for an {@code aws-chunked} body without {@code x-amz-decoded-content-length}
     */
    public static SignedBody of(RequestBody body, BodySigning signing, Headers headers) {
        return switch (signing) {
            case BodySigning.Unsigned _ -> new PlainBody(body, null);
            case BodySigning.Digest(var hex) -> new PlainBody(body, hex);
            case BodySigning.Chunked(var chain, var trailer) ->
                new AwsChunkedBody(body, chain, trailer, decodedLength(headers), headers.first("x-amz-trailer"));
        };
    }

    private static long decodedLength(Headers headers) {
        String text = headers.first("x-amz-decoded-content-length");
        try {
            long length = text == null ? -1 : Long.parseLong(text);
            if (length < 0) {
                throw new BodyException.LengthMissing();
            }
            return length;
        } catch (NumberFormatException e) {
            throw new BodyException.LengthMissing();
        }
    }

    /** The number of bytes that will come out; -1 if only the end will tell. */
    public abstract long length();

    /**
     * The value of a trailing header field, e.g. {@code x-amz-checksum-crc32}; null if there was none. Meaningful once
     * {@link #read} has returned -1.
     */
    public abstract @Nullable String trailer(String name);

    /**
     * Reads at least one byte, waiting for it; -1 at the end, after all checks.
     *
     * @throws BodyException if the body is not what was promised
     * @throws AuthenticationException.Mismatch if a chunk's signature is wrong
     */
    @Override
    public abstract int read(ByteBuffer target) throws IOException;

    /** The whole body, for small documents; {@link RequestBody.BodyTooLarge} beyond the limit. */
    public final byte[] readAll(int limitBytes) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.min(limitBytes + 1L, Math.max(length() + 1, 8_192)));
        while (true) {
            if (!buffer.hasRemaining()) {
                if (buffer.capacity() > limitBytes) {
                    throw new RequestBody.BodyTooLarge("more than " + limitBytes + " bytes");
                }
                var larger = ByteBuffer.allocate((int) Math.min(limitBytes + 1L, buffer.capacity() * 2L));
                buffer = larger.put(buffer.flip());
            }
            if (read(buffer) < 0) {
                byte[] bytes = new byte[buffer.position()];
                buffer.flip().get(bytes);
                return bytes;
            }
        }
    }

    /** Bytes from the wire, with its faults in AWS's words. */
    static int readWire(RequestBody body, ByteBuffer target) throws IOException {
        try {
            return body.read(target);
        } catch (RequestBody.BodyTimeout e) {
            throw new BodyException.TimedOut();
        } catch (RequestBody.BodyTruncated e) {
            throw new BodyException.Incomplete();
        }
    }

    @Override
    public final boolean isOpen() {
        return true;
    }

    @Override
    public final void close() {
        // The exchange owns the connection and disposes of what was not read.
    }
}
