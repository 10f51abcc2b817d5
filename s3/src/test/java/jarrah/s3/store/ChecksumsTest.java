package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CRC-64/NVME, and CRCs of a whole from those of its parts. */
final class ChecksumsTest {
    @Test
    void crc64NvmeGivesTheCheckValueOfItsDefinition() {
        var crc = new Crc64Nvme();
        byte[] check = "123456789".getBytes(US_ASCII);
        crc.update(check, 0, check.length);
        assertThat(Long.toHexString(crc.getValue())).isEqualTo("ae8b14860a799888");
    }

    @Test
    void crc64NvmeIsTheSameHoweverTheBytesAreCut() {
        byte[] bytes = StoreFixture.random(10_000, 1);
        long whole = value(new Crc64Nvme(), bytes, 0, bytes.length);
        var random = new Random(2);
        for (int round = 0; round < 50; round++) {
            var crc = new Crc64Nvme();
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(100));
                crc.update(bytes, at, count);
                at += count;
            }
            assertThat(crc.getValue()).isEqualTo(whole);
        }
        var byByte = new Crc64Nvme();
        for (byte b : bytes) {
            byByte.update(b);
        }
        assertThat(byByte.getValue()).isEqualTo(whole);
    }

    private static long value(Checksum crc, byte[] bytes, int from, int to) {
        crc.update(bytes, from, to - from);
        return crc.getValue();
    }

    private static Checksum sum(ChecksumAlgorithm algorithm) {
        return switch (algorithm) {
            case CRC32 -> new CRC32();
            case CRC32C -> new CRC32C();
            case CRC64NVME -> new Crc64Nvme();
            case SHA1, SHA256 -> throw new IllegalArgumentException();
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"CRC32", "CRC32C", "CRC64NVME"})
    void theCrcOfTheWholeFollowsFromThoseOfItsParts(ChecksumAlgorithm algorithm) {
        byte[] bytes = StoreFixture.random(100_000, 3);
        var random = new Random(4);
        for (int round = 0; round < 50; round++) {
            int cut = random.nextInt(bytes.length + 1);
            long first = value(sum(algorithm), bytes, 0, cut);
            long second = value(sum(algorithm), bytes, cut, bytes.length);
            assertThat(CrcCombiner.of(algorithm).combine(first, second, bytes.length - cut))
                    .isEqualTo(value(sum(algorithm), bytes, 0, bytes.length));
        }
    }

    @Test
    void hashesDoNotCombine() {
        assertThatThrownBy(() -> CrcCombiner.of(ChecksumAlgorithm.SHA1)).isInstanceOf(IllegalArgumentException.class);
    }
}
