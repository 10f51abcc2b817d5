package jarrah.aws;

import jarrah.http.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A body in {@code aws-chunked} coding:
 *
 * <pre>
 *   chunk   = size-hex [";chunk-signature=" 64HEX] CRLF bytes CRLF
 *   last    = "0" [";chunk-signature=" 64HEX] CRLF
 *   trailer = *( name ":" value CRLF ) ["x-amz-trailer-signature:" 64HEX CRLF]
 *   body    = *chunk last trailer CRLF
 * </pre>
 *
 * <p>Chunks are hashed as they pass and are never held; a line is at most {@value #MAX_LINE_BYTES} bytes. The bytes of
 * all chunks must add up to the declared decoded length.
 */
final class AwsChunkedBody extends SignedBody {
    private static final int MAX_LINE_BYTES = 4_096;
    private static final int MAX_TRAILERS = 16;
    private static final String SIGNATURE = "chunk-signature=";
    private static final String TRAILER_SIGNATURE = "x-amz-trailer-signature";

    private final RequestBody body;
    private final @Nullable ChunkChain chain;
    private final boolean trailer;
    private final long length;
    private final Set<String> announced;
    private final ByteBuffer wire = ByteBuffer.allocate(64 * 1024).limit(0);
    private final MessageDigest digest = Hashing.sha256();
    private final Map<String, String> trailers = new HashMap<>();

    private long produced;
    /** Bytes of the chunk at hand that are still to come; -1 before a chunk's first line. */
    private long inChunk = -1;

    private String signature = "";
    private boolean ended;

    AwsChunkedBody(
            RequestBody body,
            @Nullable ChunkChain chain,
            boolean trailer,
            long length,
            @Nullable String announcedTrailers) {
        this.body = body;
        this.chain = chain;
        this.trailer = trailer;
        this.length = length;
        this.announced = announcedTrailers == null
                ? Set.of()
                : Set.of(announcedTrailers.toLowerCase(Locale.ROOT).strip().split(" *, *"));
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public @Nullable String trailer(String name) {
        return trailers.get(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        while (!ended) {
            if (inChunk < 0) {
                startChunk();
            } else if (inChunk == 0) {
                endChunk();
            } else {
                return pass(target);
            }
        }
        return -1;
    }

    private void startChunk() throws IOException {
        String line = line();
        int semicolon = line.indexOf(';');
        String size = semicolon < 0 ? line : line.substring(0, semicolon);
        signature = "";
        if (semicolon >= 0) {
            String extension = line.substring(semicolon + 1).strip();
            if (extension.startsWith(SIGNATURE)) {
                signature = extension.substring(SIGNATURE.length());
            }
        }
        if (chain != null && signature.isEmpty()) {
            throw new BodyException.BadChunk("A chunk has no chunk-signature.");
        }
        try {
            inChunk = size.isEmpty() || size.length() > 15 ? -1 : Long.parseUnsignedLong(size.strip(), 16);
        } catch (NumberFormatException e) {
            inChunk = -1;
        }
        if (inChunk < 0) {
            throw new BodyException.BadChunk("A chunk's size is not a hexadecimal number.");
        }
        if (produced + inChunk > length) {
            throw new BodyException.Incomplete();
        }
        if (inChunk == 0) {
            finish();
        }
    }

    private int pass(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return 0;
        }
        if (!wire.hasRemaining()) {
            fill();
        }
        int count = (int) Math.min(Math.min(inChunk, wire.remaining()), target.remaining());
        ByteBuffer piece = wire.slice(wire.position(), count);
        if (chain != null) {
            digest.update(piece.duplicate());
        }
        target.put(piece);
        wire.position(wire.position() + count);
        inChunk -= count;
        produced += count;
        return count;
    }

    private void endChunk() throws IOException {
        if (!line().isEmpty()) {
            throw new BodyException.BadChunk("A chunk is longer than its size says.");
        }
        requireSignature();
        inChunk = -1;
    }

    private void requireSignature() {
        if (chain != null) {
            String expected = chain.next(Hashing.HEX.formatHex(digest.digest()));
            if (!Hashing.same(expected, signature)) {
                throw chain.mismatch(signature);
            }
        }
    }

    private void finish() throws IOException {
        requireSignature();
        if (produced != length) {
            throw new BodyException.Incomplete();
        }
        readTrailers();
        // What follows the end of the coding belongs to nobody.
        if (wire.hasRemaining() || body.read(ByteBuffer.allocate(1)) > 0) {
            throw new BodyException.BadChunk("The body goes on after its last chunk.");
        }
        ended = true;
    }

    private void readTrailers() throws IOException {
        var signed = new StringBuilder();
        String trailerSignature = null;
        // Some clients leave out the empty line at the very end: the end of the body is as good.
        for (String line = lineOrEnd(); line != null && !line.isEmpty(); line = lineOrEnd()) {
            int colon = line.indexOf(':');
            if (colon < 1 || trailers.size() >= MAX_TRAILERS || !trailer) {
                throw new BodyException.BadTrailer("The request contained trailing data that was not well-formed.");
            }
            String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (name.equals(TRAILER_SIGNATURE)) {
                trailerSignature = value;
            } else if (!announced.contains(name)) {
                throw new BodyException.BadTrailer("The trailer " + name + " was not announced in x-amz-trailer.");
            } else {
                trailers.put(name, value);
                signed.append(name).append(':').append(value).append('\n');
            }
        }
        if (trailer && !trailers.keySet().containsAll(announced)) {
            throw new BodyException.BadTrailer("A trailer announced in x-amz-trailer is missing.");
        }
        requireTrailerSignature(signed.toString(), trailerSignature);
    }

    private void requireTrailerSignature(String signed, @Nullable String provided) {
        if (chain == null || !trailer) {
            return;
        }
        if (provided == null) {
            throw new BodyException.BadTrailer("The trailer has no x-amz-trailer-signature.");
        }
        if (!Hashing.same(chain.trailer(Hashing.sha256Hex(signed)), provided)) {
            throw chain.mismatch(provided);
        }
    }

    private String line() throws IOException {
        String line = lineOrEnd();
        if (line == null) {
            throw new BodyException.Incomplete();
        }
        return line;
    }

    /** The next line without its end; null if the body ends here. */
    private @Nullable String lineOrEnd() throws IOException {
        var text = new StringBuilder(96);
        while (true) {
            if (!wire.hasRemaining() && !tryFill()) {
                if (text.isEmpty()) {
                    return null;
                }
                throw new BodyException.Incomplete();
            }
            byte b = wire.get();
            if (b == '\n') {
                if (!text.isEmpty() && text.charAt(text.length() - 1) == '\r') {
                    text.setLength(text.length() - 1);
                }
                return text.toString();
            }
            if (text.length() >= MAX_LINE_BYTES) {
                throw new BodyException.BadChunk("A line of the chunked body is too long.");
            }
            text.append((char) (b & 0xff));
        }
    }

    private void fill() throws IOException {
        if (!tryFill()) {
            throw new BodyException.Incomplete();
        }
    }

    private boolean tryFill() throws IOException {
        wire.clear();
        int count = readWire(body, wire);
        wire.flip();
        return count > 0;
    }
}
