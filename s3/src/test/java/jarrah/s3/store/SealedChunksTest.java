package jarrah.s3.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted bytes: every range of them, and every way in which they can be damaged. */
class SealedChunksTest {
    private static final int CHUNK = SealedChunks.CHUNK_BYTES;
    private static final int SEALED = CHUNK + 16;
    private static final byte[] KEY = StoreFixture.random(32, 1);

    private static byte[] sealed(byte[] plain, int step) {
        var out = new ByteArrayOutputStream();
        var sealer = new SealedChunks.Sealer(KEY);
        for (int at = 0; at < plain.length; at += step) {
            sealer.write(plain, at, Math.min(step, plain.length - at), out::write);
        }
        sealer.finish(out::write);
        return out.toByteArray();
    }

    private static byte[] open(byte[] sealed, long size, long offset, long length) throws IOException {
        var out = new ByteArrayOutputStream();
        var sink = new ByteSink() {
            @Override
            public void write(ByteBuffer bytes) {
                byte[] copy = new byte[bytes.remaining()];
                bytes.get(copy);
                out.writeBytes(copy);
            }

            @Override
            public void transfer(FileChannel file, long position, long count) {
                throw new AssertionError("what is encrypted cannot be sent from the file");
            }
        };
        var opener = new SealedChunks.Opener(KEY, "key", size, offset, length, sink);
        int from = Math.toIntExact(opener.sealedOffset());
        int to = Math.min(sealed.length, from + Math.toIntExact(opener.sealedLength()));
        // In uneven pieces, as files give them.
        for (int at = from; at < to; at += 40_001) {
            opener.write(ByteBuffer.wrap(sealed, at, Math.min(40_001, to - at)));
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7})
    void rangesOpen(int size) throws IOException {
        byte[] plain = StoreFixture.random(size, size);
        byte[] sealed = sealed(plain, 30_011);
        assertThat(sealed).hasSize(Math.toIntExact(SealedChunks.sealedLength(size)));
        assertThat(sealed(plain, CHUNK)).isEqualTo(sealed);
        for (int offset : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, size - 1}) {
            for (int length : new int[] {1, CHUNK, CHUNK + 2, size}) {
                if (offset < size) {
                    int count = Math.min(length, size - offset);
                    assertThat(open(sealed, size, offset, count))
                            .as("%d at %d", count, offset)
                            .isEqualTo(Arrays.copyOfRange(plain, offset, offset + count));
                }
            }
        }
    }

    @Test
    void aChangedBitIsFound() {
        byte[] sealed = sealed(StoreFixture.random(CHUNK + 100, 1), CHUNK);
        for (int at : new int[] {0, 1_000, CHUNK, SEALED - 1, SEALED, sealed.length - 1}) {
            byte[] changed = sealed.clone();
            changed[at] ^= 4;
            assertThatThrownBy(() -> open(changed, CHUNK + 100, 0, CHUNK + 100))
                    .as("byte %d", at)
                    .isInstanceOf(S3Exception.Damaged.class);
        }
    }

    @Test
    void chunksThatWereMovedOrCutOffAreFound() {
        byte[] sealed = sealed(StoreFixture.random(3 * CHUNK, 1), CHUNK);
        byte[] swapped = sealed.clone();
        System.arraycopy(sealed, 0, swapped, SEALED, SEALED);
        System.arraycopy(sealed, SEALED, swapped, 0, SEALED);
        assertThatThrownBy(() -> open(swapped, 3 * CHUNK, 0, 10)).isInstanceOf(S3Exception.Damaged.class);
        // Two whole chunks, with a record that says so: the second was not the last.
        assertThatThrownBy(() -> open(Arrays.copyOf(sealed, 2 * SEALED), 2 * CHUNK, 0, 2 * CHUNK))
                .isInstanceOf(S3Exception.Damaged.class);
    }

    @Test
    void equalBytesDoNotLookEqual() {
        byte[] sealed = sealed(new byte[2 * CHUNK], CHUNK);
        assertThat(Arrays.copyOf(sealed, 100)).isNotEqualTo(Arrays.copyOfRange(sealed, SEALED, SEALED + 100));
    }
}
