package jarrah.s3.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The checksums of parts and of what is made of them, by the rules of "Checking object integrity" in the S3 guide. */
final class PartChecksums {
    private PartChecksums() {}

    /** The type of an upload's checksum, where the algorithm allows it. */
    static Checksum.Type type(ChecksumAlgorithm algorithm, Optional<Checksum.Type> asked) {
        Checksum.Type type = asked.orElse(
                algorithm == ChecksumAlgorithm.CRC64NVME ? Checksum.Type.FULL_OBJECT : Checksum.Type.COMPOSITE);
        boolean possible =
                type == Checksum.Type.FULL_OBJECT ? algorithm.combines() : algorithm != ChecksumAlgorithm.CRC64NVME;
        if (!possible) {
            throw new S3Exception.InvalidRequest("The %s checksum type cannot be used with the %s checksum algorithm."
                    .formatted(type, algorithm.name().toLowerCase(Locale.ROOT)));
        }
        return type;
    }

    /** What is computed over a part: the upload's algorithm, whether the client names it again or not. */
    static BodyDigests asked(Upload upload, BodyDigests digests) {
        if (upload.algorithm().isEmpty() || digests.algorithm().equals(upload.algorithm())) {
            return digests;
        }
        if (digests.algorithm().isPresent()) {
            throw new S3Exception.InvalidRequest(
                    "Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s"
                            .formatted(
                                    upload.algorithm().get().name().toLowerCase(Locale.ROOT),
                                    digests.algorithm().get().name().toLowerCase(Locale.ROOT)));
        }
        return new BodyDigests(upload.algorithm(), digests.expectedMd5(), digests.expectedChecksum());
    }

    /** The checksum of an object from those of its parts; empty if the upload has no algorithm. */
    static Optional<Checksum> ofObject(Upload upload, List<Part> parts) {
        if (upload.algorithm().isEmpty()) {
            return Optional.empty();
        }
        ChecksumAlgorithm algorithm = upload.algorithm().get();
        Checksum.Type type = type(algorithm, upload.type());
        String value = type == Checksum.Type.FULL_OBJECT ? full(algorithm, parts) : composite(algorithm, parts);
        return Optional.of(new Checksum(algorithm, type, value));
    }

    private static String full(ChecksumAlgorithm algorithm, List<Part> parts) {
        CrcCombiner combiner = CrcCombiner.of(algorithm);
        long crc = 0;
        for (Part part : parts) {
            crc = combiner.combine(crc, number(value(part)), part.size());
        }
        return Base64.getEncoder().encodeToString(RunningDigests.bytes(crc, algorithm.bytes()));
    }

    private static long number(byte[] value) {
        return ByteBuffer.allocate(8).put(8 - value.length, value).getLong(0);
    }

    private static String composite(ChecksumAlgorithm algorithm, List<Part> parts) {
        var all = new ByteArrayOutputStream();
        parts.forEach(part -> all.writeBytes(value(part)));
        var digests = new RunningDigests(Optional.of(algorithm));
        digests.update(all.toByteArray(), 0, all.size());
        byte[] value = digests.finish().further().orElseThrow();
        return Base64.getEncoder().encodeToString(value) + "-" + parts.size();
    }

    private static byte[] value(Part part) {
        return Base64.getDecoder().decode(part.checksum().orElseThrow().value());
    }
}
