package jarrah.s3.store;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** MD5 and at most one further digest over the bytes that pass by; used by one thread. */
final class RunningDigests {
    private final MessageDigest md5 = messageDigest("MD5");
    private final @Nullable Running further;

    /** A digest of either kind of the JDK. */
    private sealed interface Running {
        record Hash(MessageDigest digest) implements Running {}

        record Sum(java.util.zip.Checksum sum, int bytes) implements Running {}
    }

    RunningDigests(Optional<ChecksumAlgorithm> algorithm) {
        further = algorithm.map(RunningDigests::running).orElse(null);
    }

    private static Running running(ChecksumAlgorithm algorithm) {
        return switch (algorithm) {
            case CRC32 -> new Running.Sum(new CRC32(), 4);
            case CRC32C -> new Running.Sum(new CRC32C(), 4);
            case CRC64NVME -> new Running.Sum(new Crc64Nvme(), 8);
            case SHA1 -> new Running.Hash(messageDigest("SHA-1"));
            case SHA256 -> new Running.Hash(messageDigest("SHA-256"));
        };
    }

    static MessageDigest messageDigest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (GeneralSecurityException impossible) { // every Java platform has them
            throw new IllegalStateException(impossible);
        }
    }

    void update(byte[] bytes, int offset, int length) {
        md5.update(bytes, offset, length);
        switch (further) {
            case null -> {}
            case Running.Hash(var digest) -> digest.update(bytes, offset, length);
            case Running.Sum(var sum, int _) -> sum.update(bytes, offset, length);
        }
    }

    /** What came out; to be called once, at the end. */
    Result finish() {
        byte[] value = switch (further) {
            case null -> null;
            case Running.Hash(var digest) -> digest.digest();
            case Running.Sum(var sum, int bytes) -> bytes(sum.getValue(), bytes);
        };
        return new Result(md5.digest(), Optional.ofNullable(value));
    }

    /** The low bytes of a number, big-endian. */
    static byte[] bytes(long value, int count) {
        byte[] all = ByteBuffer.allocate(8).putLong(value).array();
        return Arrays.copyOfRange(all, 8 - count, 8);
    }

    /** The digests of a body. */
    record Result(byte[] md5, Optional<byte[]> further) {
        String etag() {
            return HexFormat.of().formatHex(md5);
        }

        /** The checksum of the algorithm that was asked for. */
        Optional<Checksum> checksum(Optional<ChecksumAlgorithm> algorithm) {
            return algorithm.flatMap(asked -> further.map(value -> new Checksum(
                    asked, Checksum.Type.FULL_OBJECT, Base64.getEncoder().encodeToString(value))));
        }

        /** Compares with what the client announced. */
        void require(BodyDigests digests) {
            digests.expectedMd5().ifPresent(expected -> requireSame("Content-MD5", expected, md5));
            if (further.isPresent()) {
                String name = digests.algorithm().map(ChecksumAlgorithm::name).orElse("");
                digests.expectedChecksum().get().ifPresent(expected -> requireSame(name, expected, further.get()));
            }
        }

        private static void requireSame(String what, byte[] expected, byte[] calculated) {
            if (!MessageDigest.isEqual(expected, calculated)) {
                var base64 = Base64.getEncoder();
                throw new S3Exception.BadDigest(
                        what, base64.encodeToString(expected), base64.encodeToString(calculated));
            }
        }
    }
}
