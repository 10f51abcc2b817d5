package jarrah.http;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of a head (or of a trailer section) in bytes that arrive piece by piece, looking at each byte once, and
 * refuses it as soon as it breaks a limit or a line ends in anything but CR LF.
 *
 * <p>Offsets count from the buffer's reader index, which must not move between calls for the same head.
 */
final class HeadScanner {
    private final int maxStartLineBytes;
    private final int maxFieldBytes;
    private final int maxFields;
    private final boolean trailers;

    private int scanned;
    private int lineStart;
    private int startLineEnd;
    private int lines;

    private HeadScanner(int maxStartLineBytes, int maxFieldBytes, int maxFields, boolean trailers) {
        this.maxStartLineBytes = maxStartLineBytes;
        this.maxFieldBytes = maxFieldBytes;
        this.maxFields = maxFields;
        this.trailers = trailers;
    }

    /** For a start line and fields. */
    static HeadScanner head(int maxStartLineBytes, int maxFieldBytes, int maxFields) {
        return new HeadScanner(maxStartLineBytes, maxFieldBytes, maxFields, false);
    }

    /** For fields alone. */
    static HeadScanner trailers(int maxFieldBytes, int maxFields) {
        return new HeadScanner(0, maxFieldBytes, maxFields, true);
    }

    /**
     * Looks on in what has arrived.
     *
     * @return the length of the head up to and with the empty line; -1 if the end has not arrived
     */
    int find(ByteBuf in) throws BadMessage {
        int base = in.readerIndex();
        int end = in.writerIndex();
        while (true) {
            int newline = in.indexOf(base + scanned, end, (byte) '\n');
            if (newline < 0) {
                scanned = end - base;
                checkSizes(scanned);
                return -1;
            }
            int lineEnd = newline - base; // offset of the LF
            if (lineEnd == lineStart || in.getByte(newline - 1) != '\r') {
                throw new BadMessage(400, "a line ends in a bare line feed");
            }
            scanned = lineEnd + 1;
            boolean empty = lineEnd == lineStart + 1;
            if (empty && (trailers || lines > 0)) {
                checkSizes(lineEnd);
                int length = scanned;
                reset();
                return length;
            }
            if (empty) {
                throw new BadMessage(400, "an empty line stands where a start line should");
            }
            if (lines == 0) {
                startLineEnd = trailers ? 0 : scanned;
            }
            lines++;
            lineStart = scanned;
            checkSizes(scanned);
        }
    }

    private void checkSizes(int seen) throws BadMessage {
        if (!trailers && (lines == 0 ? seen : startLineEnd) > maxStartLineBytes) {
            throw new BadMessage(414, "the request line is longer than " + maxStartLineBytes + " bytes");
        }
        if ((lines > 0 || trailers) && seen - startLineEnd > maxFieldBytes) {
            throw new BadMessage(431, "the header fields are longer than " + maxFieldBytes + " bytes");
        }
        if (lines - (trailers ? 0 : 1) > maxFields) {
            throw new BadMessage(431, "there are more than " + maxFields + " header fields");
        }
    }

    /** Forgets what it saw: the next call looks at a new head. */
    void reset() {
        scanned = 0;
        lineStart = 0;
        startLineEnd = 0;
        lines = 0;
    }
}
