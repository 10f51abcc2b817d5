package jarrah.images.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Gzip (RFC 1952), one member or several, read strictly: checksums and lengths have to hold, and nothing may follow. The
 * JDK's reader passes over whatever follows a member, and over failures of the stream below it while it looks for another.
 */
final class GzipReader extends InputStream {
    private static final int FHCRC = 2;
    private static final int FEXTRA = 4;
    private static final int FNAME = 8;
    private static final int FCOMMENT = 16;
    /** A name or comment of a header is passed over, but not without end. */
    private static final int MAX_TEXT = 4_096;

    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private int position;
    private int limit;
    private boolean inMember;
    private boolean begun;
    private boolean ended;

    GzipReader(InputStream in) {
        this.in = in;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inMember && !startMember()) {
                break;
            }
            int got = inflate(target, offset, length);
            if (got > 0) {
                crc.update(target, offset, got);
                return got;
            }
            if (inflater.finished()) {
                endMember();
            }
        }
        return -1;
    }

    private int inflate(byte[] target, int offset, int length) throws IOException {
        try {
            if (inflater.needsInput()) {
                if (position == limit && !fill()) {
                    throw PartReader.damaged();
                }
                inflater.setInput(buffer, position, limit - position);
                position = limit;
            }
            int got = inflater.inflate(target, offset, length);
            if (inflater.needsDictionary()) {
                throw PartReader.damaged();
            }
            return got;
        } catch (DataFormatException e) {
            throw PartReader.damaged();
        }
    }

    private boolean startMember() throws IOException {
        if (position == limit && !fill()) {
            ended = true;
            if (!begun) {
                throw PartReader.damaged();
            }
            return false;
        }
        begun = true;
        if (next() != 0x1f || next() != 0x8b || next() != 8) {
            throw PartReader.damaged();
        }
        int flags = next();
        if ((flags & ~0x1f) != 0) {
            throw PartReader.damaged();
        }
        skip(6); // Time, level, operating system.
        if ((flags & FEXTRA) != 0) {
            skip(next() | next() << 8);
        }
        if ((flags & FNAME) != 0) {
            skipText();
        }
        if ((flags & FCOMMENT) != 0) {
            skipText();
        }
        if ((flags & FHCRC) != 0) {
            skip(2);
        }
        inflater.reset();
        crc.reset();
        inMember = true;
        return true;
    }

    private void endMember() throws IOException {
        position = limit - inflater.getRemaining();
        if (four() != crc.getValue() || four() != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw PartReader.damaged();
        }
        inMember = false;
    }

    private long four() throws IOException {
        return next() | next() << 8 | next() << 16 | (long) next() << 24;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipText() throws IOException {
        for (int i = 0; next() != 0; i++) {
            if (i == MAX_TEXT) {
                throw PartReader.damaged();
            }
        }
    }

    private int next() throws IOException {
        if (position == limit && !fill()) {
            throw PartReader.damaged();
        }
        return buffer[position++] & 0xff;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, in.read(buffer));
        return limit > 0;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** Frees the inflater; the stream below stays open. */
    @Override
    public void close() {
        inflater.end();
    }
}
