package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Keys of objects as bytes. */
final class ObjectKey {
    private ObjectKey() {}

    /**
     * The key's bytes.
     *
     * @throws S3Exception.KeyTooLong beyond 1,024
     * @throws S3Exception.InvalidRequest if it is empty
     */
    static byte[] bytes(String key) {
        byte[] bytes = key.getBytes(UTF_8);
        if (bytes.length > Limits.MAX_KEY_BYTES) {
            throw new S3Exception.KeyTooLong(bytes.length);
        }
        if (bytes.length == 0) {
            throw new S3Exception.InvalidRequest("A key must not be empty");
        }
        return bytes;
    }

    static String text(byte[] bytes, int offset) {
        return new String(bytes, offset, bytes.length - offset, UTF_8);
    }
}
