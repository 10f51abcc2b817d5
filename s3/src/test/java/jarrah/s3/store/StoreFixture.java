package jarrah.s3.store;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.FaultyDisk;
import jarrah.storage.FileBlobs;
import jarrah.storage.Kv;
import jarrah.storage.MemoryKv;
import jarrah.storage.RunsTwice;
import jarrah.storage.VerifyMode;
import jarrah.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A store on a map in memory (each transaction runs twice), a disk that can fail, and a clock that stands still. */
final class StoreFixture {
    static final String ACCOUNT = "111122223333";
    static final String OWNER = "a".repeat(64);
    static final String OTHER_ACCOUNT = "444455556666";
    static final String OTHER_OWNER = "b".repeat(64);
    static final String BUCKET = "my-bucket";
    static final Acl ACL = CannedAcl.PRIVATE.expand(OWNER, OWNER);
    static final int LARGE = 3 * Limits.SMALL_BYTES;
    static final Path BLOBS = Path.of("/blobs");

    final MemoryKv kv = new MemoryKv();
    final FaultyDisk disk = new FaultyDisk();
    final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T12:00:00.123Z"));
    final S3Store store = open(new RunsTwice(kv));

    StoreFixture() {
        store.buckets().create(bucket(BUCKET));
    }

    /** One more process on the same Kv and disk. */
    S3Store open(Kv map) {
        try {
            return new S3Store(map, new FileBlobs(disk, BLOBS, VerifyMode.ALWAYS, 0), clock);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    static NewBucket bucket(String name) {
        return new NewBucket(name, ACCOUNT, OWNER, "eu-west-1", ACL, ObjectOwnership.OBJECT_WRITER);
    }

    static byte[] random(int length, long seed) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static ReadableByteChannel channel(byte[] bytes) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    static NewObject object(String key, long length) {
        return new NewObject(BUCKET, key, length, Metadata.NONE, ACL, WriteCondition.NONE, BodyDigests.NONE);
    }

    StoredObject put(String key, byte[] bytes) {
        return put(key, bytes, WriteCondition.NONE);
    }

    StoredObject put(String key, byte[] bytes, WriteCondition condition) {
        return put(new NewObject(BUCKET, key, bytes.length, Metadata.NONE, ACL, condition, BodyDigests.NONE), bytes);
    }

    StoredObject put(NewObject object, byte[] bytes) {
        try {
            return store.objects().put(object, channel(bytes));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    byte[] get(String key) {
        return get(store, key);
    }

    static byte[] get(S3Store store, String key) {
        try (ObjectReader reader = store.objects().open(BUCKET, key)) {
            return range(reader, 0, reader.object().size());
        }
    }

    static byte[] range(ObjectReader reader, long offset, long length) {
        var sink = new Collector();
        try {
            reader.send(offset, length, sink);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return sink.bytes.toByteArray();
    }

    @Nullable
    StoredObject find(String key) {
        try {
            return store.objects().head(BUCKET, key);
        } catch (S3Exception.NoSuchKey _) {
            return null;
        }
    }

    Upload begin(String key) {
        return begin(key, Optional.empty(), Optional.empty());
    }

    Upload begin(String key, Optional<ChecksumAlgorithm> algorithm, Optional<Checksum.Type> type) {
        return store.multipart().create(new NewUpload(BUCKET, key, Metadata.NONE, ACL, OWNER, algorithm, type));
    }

    Part putPart(Upload upload, int number, byte[] bytes) {
        try {
            return store.multipart()
                    .putPart(
                            upload.bucket(),
                            upload.key(),
                            upload.uploadId(),
                            number,
                            bytes.length,
                            BodyDigests.NONE,
                            channel(bytes));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static Part.Named named(Part part) {
        return new Part.Named(part.number(), "\"" + part.etag() + "\"", Optional.empty());
    }

    static Completion completion(Upload upload, List<Part> parts) {
        return new Completion(
                upload.bucket(),
                upload.key(),
                upload.uploadId(),
                parts.stream().map(StoreFixture::named).toList(),
                WriteCondition.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    StoredObject complete(Upload upload, List<Part> parts) {
        return store.multipart().complete(completion(upload, parts));
    }

    /** Lets time pass until everything that is due has been given back. */
    void sweepAll() {
        clock.advance(Duration.ofDays(8));
        store.sweeper().sweepOnce();
        clock.advance(Duration.ofDays(8));
        store.sweeper().sweepOnce();
        assertThat(store.sweeper().waiting()).isZero();
    }

    static byte[] base64(String text) {
        return Base64.getDecoder().decode(text);
    }

    /** Keeps what it gets. */
    static final class Collector implements ByteSink {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void write(ByteBuffer from) {
            var copied = new byte[from.remaining()];
            from.get(copied);
            bytes.writeBytes(copied);
        }

        @Override
        public void transfer(FileChannel file, long position, long length) throws IOException {
            var buffer = ByteBuffer.allocate((int) length);
            int read = 0;
            while (buffer.hasRemaining() && read >= 0) {
                read = file.read(buffer, position + buffer.position());
            }
            write(buffer.flip());
        }
    }
}
