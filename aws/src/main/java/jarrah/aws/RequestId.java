package jarrah.aws;

import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A request's name in answers and logs, in the two shapes that services use.
 *
 * @param id S3's: 16 upper-case hex digits; elsewhere a UUID
 * @param hostId S3's {@code x-amz-id-2}, Base64
 */
public record RequestId(String id, String hostId) {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** A fresh one for S3. */
    public static RequestId s3() {
        byte[] bytes = new byte[48];
        ThreadLocalRandom.current().nextBytes(bytes);
        return new RequestId(HEX.formatHex(bytes, 0, 8), Base64.getEncoder().encodeToString(bytes));
    }

    /** A fresh one for the Query services. */
    public static RequestId query() {
        var random = ThreadLocalRandom.current();
        return new RequestId(new UUID(random.nextLong(), random.nextLong()).toString(), "");
    }
}
