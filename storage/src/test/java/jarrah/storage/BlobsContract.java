package jarrah.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Blobs} does. */
abstract class BlobsContract {
    @TempDir
    Path directory;

    private Blobs blobs;

    abstract Blobs make(Path directory) throws Exception;

    @BeforeEach
    void open() throws Exception {
        blobs = make(directory);
    }

    @AfterEach
    void close() {
        blobs.close();
    }

    static byte[] random(int length, long seed) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static String write(Blobs blobs, byte[] bytes) {
        try (BlobWriter writer = blobs.create(Blobs.newId())) {
            writer.write(ByteBuffer.wrap(bytes));
            writer.commit();
            return writer.id();
        }
    }

    static byte[] read(Blobs blobs, String id) {
        try (BlobReader reader = blobs.open(id)) {
            var bytes = ByteBuffer.allocate((int) reader.length());
            int read = reader.read(0, bytes);
            assertThat(read).isEqualTo(reader.length() == 0 ? -1 : (int) reader.length());
            return bytes.array();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 131_072, 300_000})
    void whatWasCommittedIsRead(int length) {
        byte[] bytes = random(length, length);
        assertThat(read(blobs, write(blobs, bytes))).isEqualTo(bytes);
    }

    @Test
    void oddPiecesMakeTheSameBlob() {
        byte[] bytes = random(400_000, 1);
        var random = new Random(2);
        try (BlobWriter writer = blobs.create(Blobs.newId())) {
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, random.nextInt(90_000));
                writer.write(ByteBuffer.wrap(bytes, at, count));
                at += count;
            }
            assertThat(writer.length()).isEqualTo(bytes.length);
            writer.commit();
            assertThat(read(blobs, writer.id())).isEqualTo(bytes);
        }
    }

    @Test
    void aChannelIsCopiedToItsEnd() throws Exception {
        byte[] bytes = random(200_001, 3);
        try (BlobWriter writer = blobs.create(Blobs.newId())) {
            assertThat(writer.copyFrom(Channels.newChannel(new ByteArrayInputStream(bytes))))
                    .isEqualTo(bytes.length);
            writer.commit();
            assertThat(read(blobs, writer.id())).isEqualTo(bytes);
        }
    }

    @Test
    void aBlobIsInvisibleUntilItIsCommittedAndGoneWhenItIsGivenUp() {
        String id = Blobs.newId();
        try (BlobWriter writer = blobs.create(id)) {
            writer.write(ByteBuffer.wrap(random(100_000, 4)));
            assertThatThrownBy(() -> blobs.open(id)).isInstanceOf(BlobException.Missing.class);
            assertThat(ids()).isEmpty();
        }
        assertThatThrownBy(() -> blobs.open(id)).isInstanceOf(BlobException.Missing.class);
        assertThat(ids()).isEmpty();
    }

    private List<String> ids() {
        var ids = new ArrayList<String>();
        blobs.forEach(ids::add);
        return ids;
    }

    @Test
    void rangesAreReadAndVerifiedAnywhere() {
        byte[] bytes = random(1_000_000, 5);
        String id = write(blobs, bytes);
        var random = new Random(6);
        try (BlobReader reader = blobs.open(id)) {
            for (int i = 0; i < 100; i++) {
                int offset = random.nextInt(bytes.length);
                var into = ByteBuffer.allocate(random.nextInt(200_000) + 1);
                int read = reader.read(offset, into);
                assertThat(read).isEqualTo(Math.min(into.capacity(), bytes.length - offset));
                assertThat(Arrays.copyOf(into.array(), read))
                        .isEqualTo(Arrays.copyOfRange(bytes, offset, offset + read));
                reader.verify(offset, read);
            }
            assertThat(reader.read(bytes.length, ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThatThrownBy(() -> reader.verify(1, bytes.length)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theChannelHoldsThePlainBytesFromPositionZero() throws Exception {
        byte[] bytes = random(70_000, 7);
        try (BlobReader reader = blobs.open(write(blobs, bytes))) {
            var sent = new java.io.ByteArrayOutputStream();
            long count = reader.channel().transferTo(0, reader.length(), Channels.newChannel(sent));
            assertThat(count).isEqualTo(bytes.length);
            assertThat(sent.toByteArray()).isEqualTo(bytes);
        }
    }

    @Test
    void aDeletedBlobIsMissingAndStaysReadableToWhoHasItOpen() {
        byte[] bytes = random(70_000, 8);
        String id = write(blobs, bytes);
        try (BlobReader reader = blobs.open(id)) {
            blobs.delete(List.of(id, Blobs.newId()));
            assertThatThrownBy(() -> blobs.open(id)).isInstanceOf(BlobException.Missing.class);
            var into = ByteBuffer.allocate(bytes.length);
            assertThat(reader.read(0, into)).isEqualTo(bytes.length);
            assertThat(into.array()).isEqualTo(bytes);
        }
    }

    @Test
    void deletingABlobThatIsBeingWrittenMakesItsCommitFail() {
        String id = Blobs.newId();
        try (BlobWriter writer = blobs.create(id)) {
            writer.write(ByteBuffer.wrap(random(1_000, 9)));
            blobs.delete(List.of(id));
            assertThatThrownBy(writer::commit).isInstanceOf(BlobException.Missing.class);
        }
        write(blobs, random(1_000, 9));
        assertThat(ids()).hasSize(1);
    }

    @Test
    void idsAreListedAndWholeBlobsPassTheScrubber() {
        String one = write(blobs, random(10, 10));
        String two = write(blobs, random(100_000, 11));
        assertThat(ids()).containsExactlyInAnyOrder(one, two);
        ids().forEach(blobs::scrub);
        assertThatThrownBy(() -> blobs.scrub(Blobs.newId())).isInstanceOf(BlobException.Missing.class);
    }

    @Test
    void whatIsNoIdIsRefused() {
        for (String id : List.of("", "../../etc/passwd", "A".repeat(32), "0".repeat(31))) {
            assertThatThrownBy(() -> blobs.create(id)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> blobs.open(id)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void blobsAreThereAfterClosingAndOpening() throws Exception {
        byte[] bytes = random(70_000, 12);
        String id = write(blobs, bytes);
        blobs.close();
        blobs = make(directory);
        assertThat(read(blobs, id)).isEqualTo(bytes);
    }
}
