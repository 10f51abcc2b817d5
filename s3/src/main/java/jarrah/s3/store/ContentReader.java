package jarrah.s3.store;

import jarrah.storage.BlobException;
import jarrah.storage.BlobReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An object's bytes, open; one of four ways to lie somewhere. */
abstract sealed class ContentReader implements ObjectReader {
    /** Verified and sent at once, bytes: large enough for sendfile to pay, small enough to stay in the page cache. */
    private static final long SLICE_BYTES = 4L << 20;

    final StoredObject object;
    final ServerKeys keys;
    private byte @Nullable [] customerKey;

    private ContentReader(StoredObject object, ServerKeys keys) {
        this.object = object;
        this.keys = keys;
    }

    /** Opens the bytes of an object; null if they are gone, since the object is not what it was any more. */
    static @Nullable ContentReader open(Backing backing, StoredObject object) {
        try {
            return switch (object.content()) {
                case Content.Empty() -> new InMemory(object, backing.keys, ByteBuffer.allocate(0));
                case Content.Small(long id) -> {
                    byte[] value = backing.get(Keys.small(id));
                    yield value == null
                            ? null
                            : new InMemory(object, backing.keys, Intake.SmallBytes.decode(value, object.key()));
                }
                case Content.Blob(String id) -> new InBlob(object, backing.keys, backing.blobs.open(id));
                case Content.Parts(String uploadId) -> InParts.open(backing, object, uploadId);
            };
        } catch (BlobException.Missing _) {
            return null;
        } catch (BlobException failed) {
            throw Backing.translated(failed, object.key());
        }
    }

    @Override
    public StoredObject object() {
        return object;
    }

    @Override
    public void send(long offset, long length, ByteSink sink) throws IOException {
        if (offset < 0 || length < 0 || offset > object.size() - length) {
            throw new IllegalArgumentException(
                    "%,d bytes at %,d of an object of %,d".formatted(length, offset, object.size()));
        }
        try {
            sendRange(offset, length, sink);
        } catch (BlobException failed) {
            throw Backing.translated(failed, object.key());
        }
    }

    @Override
    public void unlock(Optional<byte[]> given) {
        boolean needed = object.encryption()
                .map(there -> there.kind() == Encryption.Kind.CUSTOMER)
                .orElse(false);
        if (needed && given.isEmpty()) {
            throw new S3Exception.InvalidRequest("The object was stored using a form of Server Side Encryption. The"
                    + " correct parameters must be provided to retrieve the object.");
        }
        if (!needed && given.isPresent()) {
            throw new S3Exception.InvalidRequest("The encryption parameters are not applicable to this object.");
        }
        if (needed) {
            CustomerKeys.requireSame(object.encryption().orElseThrow(), given.orElseThrow());
            customerKey = given.orElseThrow();
        }
    }

    /** Bytes as they are kept. */
    interface Kept {
        void send(long offset, long length, ByteSink sink) throws IOException;
    }

    /** Sends a range of bytes that are kept so. */
    void open(Optional<Encryption> encryption, long size, long offset, long length, ByteSink sink, Kept kept)
            throws IOException {
        if (encryption.isEmpty()) {
            kept.send(offset, length, sink);
            return;
        }
        var opener = new SealedChunks.Opener(key(encryption.get()), object.key(), size, offset, length, sink);
        kept.send(opener.sealedOffset(), opener.sealedLength(), opener);
    }

    private byte[] key(Encryption encryption) {
        if (encryption.kind() != Encryption.Kind.CUSTOMER) {
            return keys.open(encryption);
        }
        if (customerKey == null) {
            throw new IllegalStateException("locked: " + object.key());
        }
        return CustomerKeys.open(encryption, customerKey);
    }

    abstract void sendRange(long offset, long length, ByteSink sink) throws IOException;

    /**
     * Sends all bytes as they are kept, sealed where they are, so that no key is needed.
     *
     * @param part the part to send, of an object that is made of parts; else null
     */
    void sendKept(@Nullable Part part, ByteSink sink) throws IOException {
        try {
            sendAllKept(part, sink);
        } catch (BlobException failed) {
            throw Backing.translated(failed, object.key());
        }
    }

    abstract void sendAllKept(@Nullable Part part, ByteSink sink) throws IOException;

    private static long keptBytes(long size, Optional<Encryption> encryption) {
        return encryption.isPresent() ? SealedChunks.sealedLength(size) : size;
    }

    @Override
    public Range part(int partNumber) {
        if (partNumber != 1) {
            throw new S3Exception.InvalidPartNumber(partNumber, 1);
        }
        return new Range(0, object.size());
    }

    private static void sendSlices(BlobReader blob, long offset, long length, ByteSink sink) throws IOException {
        for (long done = 0; done < length; ) {
            long slice = Math.min(SLICE_BYTES, length - done);
            blob.verify(offset + done, slice);
            sink.transfer(blob.channel(), offset + done, slice);
            done += slice;
        }
    }

    /** Few bytes, at hand. */
    private static final class InMemory extends ContentReader {
        private final ByteBuffer bytes;

        InMemory(StoredObject object, ServerKeys keys, ByteBuffer bytes) {
            super(object, keys);
            this.bytes = bytes;
        }

        @Override
        void sendAllKept(@Nullable Part part, ByteSink sink) throws IOException {
            if (bytes.hasRemaining()) {
                sink.write(bytes.slice());
            }
        }

        @Override
        void sendRange(long offset, long length, ByteSink sink) throws IOException {
            open(object.encryption(), object.size(), offset, length, sink, (from, count, out) -> {
                if (count > 0) {
                    out.write(bytes.slice((int) from, (int) count));
                }
            });
        }

        @Override
        public void close() {}
    }

    /** One file. */
    private static final class InBlob extends ContentReader {
        private final BlobReader blob;

        InBlob(StoredObject object, ServerKeys keys, BlobReader blob) {
            super(object, keys);
            this.blob = blob;
        }

        @Override
        void sendAllKept(@Nullable Part part, ByteSink sink) throws IOException {
            sendSlices(blob, 0, keptBytes(object.size(), object.encryption()), sink);
        }

        @Override
        void sendRange(long offset, long length, ByteSink sink) throws IOException {
            open(
                    object.encryption(),
                    object.size(),
                    offset,
                    length,
                    sink,
                    (from, count, out) -> sendSlices(blob, from, count, out));
        }

        @Override
        public void close() {
            blob.close();
        }
    }

    /** The parts of an upload, each opened when its turn comes; pinned meanwhile. */
    private static final class InParts extends ContentReader {
        private final Backing backing;
        private final String uploadId;
        private final PartIndex index;
        private boolean closed;

        private InParts(Backing backing, StoredObject object, String uploadId, PartIndex index) {
            super(object, backing.keys);
            this.backing = backing;
            this.uploadId = uploadId;
            this.index = index;
        }

        // Pinned first and looked up then: the sweeper removes the index before it touches a part, and looks for pins
        // before that.
        static @Nullable InParts open(Backing backing, StoredObject object, String uploadId) {
            backing.pins.pin(uploadId);
            PartIndex index = null;
            try {
                index = PartIndex.read(backing::get, uploadId);
            } finally {
                if (index == null) {
                    backing.pins.unpin(uploadId);
                }
            }
            return index == null ? null : new InParts(backing, object, uploadId, index);
        }

        @Override
        void sendRange(long offset, long length, ByteSink sink) throws IOException {
            for (long done = 0; done < length; ) {
                PartIndex.Place place = index.at(offset + done);
                long within = offset + done - place.offset();
                long count = Math.min(place.length() - within, length - done);
                sendPart(place.partNumber(), within, count, sink);
                done += count;
            }
        }

        @Override
        void sendAllKept(@Nullable Part part, ByteSink sink) throws IOException {
            if (part == null) {
                throw new IllegalArgumentException("no part named");
            }
            sendKept(part, 0, keptBytes(part.size(), part.encryption()), sink);
        }

        private void sendPart(int number, long offset, long length, ByteSink sink) throws IOException {
            byte[] record = backing.get(Keys.part(uploadId, number));
            if (record == null) {
                throw new S3Exception.Damaged(object.key());
            }
            Part part = Records.part(number, record);
            open(
                    part.encryption(),
                    part.size(),
                    offset,
                    length,
                    sink,
                    (from, count, out) -> sendKept(part, from, count, out));
        }

        private void sendKept(Part part, long offset, long length, ByteSink sink) throws IOException {
            switch (part.content()) {
                case Content.Empty() -> {}
                case Content.Small(long id) -> {
                    byte[] value = backing.get(Keys.small(id));
                    if (value == null) {
                        throw new S3Exception.Damaged(object.key());
                    }
                    sink.write(Intake.SmallBytes.decode(value, object.key()).slice((int) offset, (int) length));
                }
                case Content.Blob(String id) -> {
                    try (BlobReader blob = backing.blobs.open(id)) {
                        sendSlices(blob, offset, length, sink);
                    }
                }
                case Content.Parts(String nested) -> throw new IllegalStateException("A part made of parts: " + nested);
            }
        }

        @Override
        public Range part(int partNumber) {
            PartIndex.Place place = index.part(partNumber);
            if (place == null) {
                throw new S3Exception.InvalidPartNumber(partNumber, index.count());
            }
            return new Range(place.offset(), place.length());
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                backing.pins.unpin(uploadId);
            }
        }
    }
}
