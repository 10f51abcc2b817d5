package jarrah.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Takes chunked bodies apart (RFC 9112, 7.1), strictly: sizes are hexadecimal digits alone, each line ends in CR LF,
 * extensions are read over but bounded, trailers are bounded and kept apart from the header fields.
 */
final class ChunkedDecoder {
    /** A chunk's size line; no client sends one that long. */
    private static final int MAX_LINE_BYTES = 256;

    /** Extensions of one body together: else a client could send almost nothing else. */
    private static final int MAX_EXTENSION_BYTES = 16 * 1024;

    private static final int MAX_SIZE_DIGITS = 15;

    private enum State {
        SIZE,
        DATA,
        DATA_END,
        TRAILERS,
        END
    }

    private final HeadScanner trailerScanner;
    private State state = State.SIZE;
    private long left;
    private int extensionBytes;
    private @Nullable Headers trailers;

    ChunkedDecoder(int maxTrailerBytes, int maxTrailers) {
        trailerScanner = HeadScanner.trailers(maxTrailerBytes, maxTrailers);
    }

    /** Whether the last chunk and the trailers have been read. */
    boolean ended() {
        return state == State.END;
    }

    /** The fields after the last chunk; empty before the end. */
    Headers trailers() {
        return trailers == null ? Headers.of() : trailers;
    }

    /**
     * Reads on.
     *
     * @param in what has arrived; what was understood is consumed
     * @return a slice of data that holds its own reference; null if more must arrive or the body has ended
     */
    @Nullable
    ByteBuf next(ByteBuf in) throws BadMessage {
        while (true) {
            switch (state) {
                case SIZE -> {
                    if (!readSize(in)) {
                        return null;
                    }
                }
                case DATA -> {
                    if (!in.isReadable()) {
                        return null;
                    }
                    int length = (int) Math.min(left, in.readableBytes());
                    left -= length;
                    if (left == 0) {
                        state = State.DATA_END;
                    }
                    return in.readRetainedSlice(length);
                }
                case DATA_END -> {
                    if (in.readableBytes() < 2) {
                        return null;
                    }
                    if (in.readByte() != '\r' || in.readByte() != '\n') {
                        throw new BadMessage(400, "a chunk is longer than its size says");
                    }
                    state = State.SIZE;
                }
                case TRAILERS -> {
                    if (!readTrailers(in)) {
                        return null;
                    }
                }
                case END -> {
                    return null;
                }
            }
        }
    }

    private boolean readSize(ByteBuf in) throws BadMessage {
        int start = in.readerIndex();
        int newline = in.indexOf(start, in.writerIndex(), (byte) '\n');
        int seen = (newline < 0 ? in.writerIndex() : newline) - start;
        if (seen > MAX_LINE_BYTES) {
            throw new BadMessage(400, "a chunk's size line is longer than " + MAX_LINE_BYTES + " bytes");
        }
        if (newline < 0) {
            return false;
        }
        if (seen == 0 || in.getByte(newline - 1) != '\r') {
            throw new BadMessage(400, "a chunk's size line ends in a bare line feed");
        }
        parseSize(in, start, newline - 1);
        in.readerIndex(newline + 1);
        state = left == 0 ? State.TRAILERS : State.DATA;
        return true;
    }

    private void parseSize(ByteBuf in, int start, int end) throws BadMessage {
        int i = start;
        long size = 0;
        for (; i < end; i++) {
            int digit = Character.digit((char) in.getByte(i), 16);
            if (digit < 0 || in.getByte(i) < 0) {
                break;
            }
            size = 16 * size + digit;
            if (i - start >= MAX_SIZE_DIGITS) {
                throw new BadMessage(400, "a chunk's size has too many digits");
            }
        }
        if (i == start) {
            throw new BadMessage(400, "a chunk's size is not a hexadecimal number");
        }
        int extension = i;
        while (extension < end && (in.getByte(extension) == ' ' || in.getByte(extension) == '\t')) {
            extension++;
        }
        if (i < end && (extension == end || in.getByte(extension) != ';')) {
            throw new BadMessage(400, "a chunk's size is not a hexadecimal number");
        }
        for (int j = extension; j < end; j++) {
            if (!Grammar.isValueByte(in.getByte(j))) {
                throw new BadMessage(400, "a chunk extension holds a control character");
            }
        }
        extensionBytes += end - i;
        if (extensionBytes > MAX_EXTENSION_BYTES) {
            throw new BadMessage(400, "the chunk extensions are longer than " + MAX_EXTENSION_BYTES + " bytes");
        }
        left = size;
    }

    private boolean readTrailers(ByteBuf in) throws BadMessage {
        int length = trailerScanner.find(in);
        if (length < 0) {
            return false;
        }
        if (length > 2) {
            byte[] bytes = new byte[length];
            in.readBytes(bytes);
            trailers = new HeadParser(bytes, 0, length).fields();
        } else {
            in.skipBytes(length);
        }
        state = State.END;
        return true;
    }
}
