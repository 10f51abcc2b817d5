package jarrah.s3.wire;

import jarrah.http.PercentCoding;

/** Percent-encoded text of a request, decoded once and strictly: a key must not have two spellings, nor none. */
final class RawText {
    private RawText() {}

    /** @throws S3WireException.InvalidUri if an escape is broken or the bytes are not UTF-8 */
    static String decode(String raw) {
        return PercentCoding.decode(raw).orElseThrow(S3WireException.InvalidUri::new);
    }
}
