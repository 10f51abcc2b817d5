package jarrah.s3.store;

/**
 * The CRC of two byte strings, one after the other, from the CRC of each and the length of the second: the first one is
 * multiplied by x to the power of eight times that length, modulo the polynomial. (Polynomials over GF(2), reflected:
 * the highest bit is the coefficient of x to the 0.)
 */
final class CrcCombiner {
    private final long polynomial;
    private final long one;

    /**
     * @param width bits of the CRC, 32 or 64
     * @param polynomial reflected
     */
    private CrcCombiner(int width, long polynomial) {
        this.polynomial = polynomial;
        one = 1L << (width - 1);
    }

    static CrcCombiner of(ChecksumAlgorithm algorithm) {
        return switch (algorithm) {
            case CRC32 -> new CrcCombiner(32, 0xEDB88320L);
            case CRC32C -> new CrcCombiner(32, 0x82F63B78L);
            case CRC64NVME -> new CrcCombiner(64, Crc64Nvme.POLYNOMIAL);
            case SHA1, SHA256 -> throw new IllegalArgumentException(algorithm + " does not combine");
        };
    }

    long combine(long first, long second, long secondBytes) {
        return multiply(power(secondBytes), first) ^ second;
    }

    /** x to the power of eight times the number, by squaring. */
    private long power(long bytes) {
        long result = one;
        long square = one >>> 8; // x to the 8
        for (long rest = bytes; rest != 0; rest >>>= 1) {
            if ((rest & 1) != 0) {
                result = multiply(square, result);
            }
            square = multiply(square, square);
        }
        return result;
    }

    private long multiply(long a, long b) {
        long product = 0;
        long shifted = b;
        for (long bit = one; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) == 0 ? shifted >>> 1 : shifted >>> 1 ^ polynomial;
        }
        return product;
    }
}
