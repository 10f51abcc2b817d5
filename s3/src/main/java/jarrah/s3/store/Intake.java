package jarrah.s3.store;

import jarrah.storage.BlobException;
import jarrah.storage.BlobWriter;
import jarrah.storage.Kv;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an object or a part on their way in: digested, and kept in memory while they are few, else written to a
 * blob. Three steps: take them all ({@link #readAll} or as a {@link ByteSink}), {@link #finish}, {@link #refer} in the
 * transaction. What was not referred to is given up on {@link #close}. Used by one thread.
 */
final class Intake implements ByteSink, AutoCloseable {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final Backing backing;
    private final RunningDigests digests;
    private final long most;
    private byte[] small = new byte[0];
    private int smallLength;
    private long length;
    private BlobLeases.@Nullable Ticket ticket;
    private @Nullable BlobWriter writer;
    private final SealedChunks.@Nullable Sealer sealer;
    private final Optional<Encryption> encryption;
    private long stored;
    private boolean committed;
    private boolean referred;

    /**
     * @param declared bytes that will come, or -1
     * @param most bytes that may come
     * @param key what to encrypt with; empty to keep the bytes as they are
     * @throws S3Exception.EntityTooLarge if more are declared
     */
    Intake(Backing backing, RunningDigests digests, long declared, long most, Optional<ServerKeys.DataKey> key) {
        this.backing = backing;
        sealer = key.map(there -> new SealedChunks.Sealer(there.key())).orElse(null);
        encryption = key.map(ServerKeys.DataKey::encryption);
        this.digests = digests;
        this.most = most;
        if (declared > most) {
            throw new S3Exception.EntityTooLarge(declared, most);
        }
    }

    /**
     * Takes a body to its end.
     *
     * @param declared its length, or -1
     * @throws IOException from the body only
     */
    void readAll(ReadableByteChannel body, long declared) throws IOException {
        // One byte more than declared: reading the end of the body runs the last checks of its signature.
        long expected = declared < 0 ? BUFFER_BYTES : declared + 1;
        var buffer = ByteBuffer.allocate((int) Math.min(expected, BUFFER_BYTES));
        while (true) {
            boolean ended = false;
            while (buffer.hasRemaining() && !ended) {
                ended = body.read(buffer) < 0;
            }
            write(buffer.flip());
            buffer.clear();
            if (declared >= 0 && (ended ? length != declared : length > declared)) {
                throw new S3Exception.IncompleteBody();
            }
            if (ended) {
                return;
            }
        }
    }

    @Override
    public void write(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (!bytes.hasArray()) {
            var copy = new byte[count];
            bytes.get(copy);
            take(copy, 0, count);
            return;
        }
        take(bytes.array(), bytes.arrayOffset() + bytes.position(), count);
        bytes.position(bytes.limit());
    }

    @Override
    public void transfer(FileChannel file, long position, long count) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.min(count, BUFFER_BYTES));
        for (long done = 0; done < count; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), count - done));
            int read = file.read(buffer, position + done);
            if (read < 0) {
                throw new IOException("The file ends at " + (position + done));
            }
            done += read;
            write(buffer.flip());
        }
    }

    private void take(byte[] bytes, int offset, int count) {
        if (length + count > most) {
            throw new S3Exception.EntityTooLarge(length + count, most);
        }
        digests.update(bytes, offset, count);
        length += count;
        if (sealer == null) {
            store(bytes, offset, count);
        } else {
            sealer.write(bytes, offset, count, this::store);
        }
    }

    private void store(byte[] bytes, int offset, int count) {
        stored += count;
        if (stored <= Limits.SMALL_BYTES) {
            if (small.length - smallLength < count) {
                small = Arrays.copyOf(small, (int) Math.min(Limits.SMALL_BYTES, Math.max(2L * small.length, stored)));
            }
            System.arraycopy(bytes, offset, small, smallLength, count);
            smallLength += count;
            return;
        }
        try {
            BlobWriter out = blob();
            out.write(ByteBuffer.wrap(bytes, offset, count));
        } catch (BlobException failed) {
            throw Backing.translated(failed, "an upload");
        }
    }

    private BlobWriter blob() {
        BlobLeases.Ticket held = ticket;
        BlobWriter there = writer;
        if (held != null && there != null) {
            held.keep();
            return there;
        }
        held = backing.leases.take();
        ticket = held;
        BlobWriter begun = backing.blobs.create(held.id);
        writer = begun;
        begun.write(ByteBuffer.wrap(small, 0, smallLength));
        return begun;
    }

    long length() {
        return length;
    }

    /** How the bytes are kept. */
    Optional<Encryption> encryption() {
        return encryption;
    }

    /** The ETag: the MD5 of the bytes, or, as with AWS, something else where others than the server hold the key. */
    String etag(RunningDigests.Result digests) {
        return encryption
                .filter(there -> !there.kind().keepsMd5())
                .map(there -> opaque(there, digests.etag()))
                .orElse(digests.etag());
    }

    private static String opaque(Encryption encryption, String md5) {
        MessageDigest sha256 = RunningDigests.messageDigest("SHA-256");
        sha256.update(encryption.wrappedKey());
        return HexFormat.of().formatHex(sha256.digest(md5.getBytes(StandardCharsets.US_ASCII)), 0, 16);
    }

    /**
     * Compares the digests with what the client expects and makes the bytes durable, if they are many.
     *
     * @throws S3Exception.BadDigest if they differ
     */
    RunningDigests.Result finish(BodyDigests expected) {
        RunningDigests.Result result = digests.finish();
        result.require(expected);
        if (sealer != null) {
            sealer.finish(this::store);
        }
        if (writer != null) {
            try {
                writer.commit();
                committed = true;
            } catch (BlobException.Missing _) {
                throw new S3Exception.Unavailable("the upload stood still for too long and was given up");
            } catch (BlobException failed) {
                throw Backing.translated(failed, "an upload");
            }
        }
        return result;
    }

    /**
     * Gives the bytes a place that a record can name, in the transaction that puts the record.
     *
     * @param number a fresh one of the sequence
     */
    Content refer(Kv.Tx tx, long number) {
        if (ticket != null) {
            ticket.refer(tx);
            return new Content.Blob(ticket.id);
        }
        if (length == 0) {
            return new Content.Empty();
        }
        tx.put(Keys.small(number), SmallBytes.encode(small, smallLength));
        return new Content.Small(number);
    }

    /** The transaction has committed. */
    void referred() {
        referred = true;
    }

    /** The transaction has failed for a reason that leaves no doubt, so a finished blob can go at once. */
    void refused() {
        if (committed && !referred && ticket != null) {
            try {
                backing.blobs.delete(List.of(ticket.id));
            } catch (BlobException _) {
                referred = false; // the sweeper comes by when the lease has run out
            }
        }
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
        if (ticket != null) {
            ticket.close();
        }
    }

    /** A small content: CRC32C of the bytes (4), the bytes. */
    static final class SmallBytes {
        private SmallBytes() {}

        static byte[] encode(byte[] bytes, int length) {
            return ByteBuffer.allocate(4 + length)
                    .putInt(crc(bytes, 0, length))
                    .put(bytes, 0, length)
                    .array();
        }

        /** The bytes, behind four others. {@link S3Exception.Damaged} if they are not what was put. */
        static ByteBuffer decode(byte[] value, String key) {
            var bytes = ByteBuffer.wrap(value);
            if (bytes.getInt() != crc(value, 4, value.length - 4)) {
                throw new S3Exception.Damaged(key);
            }
            return bytes.slice();
        }

        private static int crc(byte[] bytes, int offset, int length) {
            var crc = new CRC32C();
            crc.update(bytes, offset, length);
            return (int) crc.getValue();
        }
    }
}
