package jarrah.s3.store;

import org.jspecify.annotations.Nullable;

/** The checksums that clients may ask for beside the MD5 of the ETag; the names are those of the wire. */
public enum ChecksumAlgorithm {
    CRC32(4),
    CRC32C(4),
    CRC64NVME(8),
    SHA1(20),
    SHA256(32);

    private final int bytes;

    ChecksumAlgorithm(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a value. */
    public int bytes() {
        return bytes;
    }

    /** The header or trailer of a value, lower case: {@code x-amz-checksum-crc32}. */
    public String header() {
        return "x-amz-checksum-" + name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether the parts' values give the value of the whole. */
    public boolean combines() {
        return this == CRC32 || this == CRC32C || this == CRC64NVME;
    }

    /** The algorithm of a name, in upper or lower case; null if there is none. */
    public static @Nullable ChecksumAlgorithm of(String name) {
        for (ChecksumAlgorithm algorithm : values()) {
            if (algorithm.name().equalsIgnoreCase(name)) {
                return algorithm;
            }
        }
        return null;
    }
}
