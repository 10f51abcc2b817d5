package jarrah.s3.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An uploaded part.
 *
 * @param etag MD5 of its bytes, hexadecimal
 * @param content where its bytes are; the store's own
 */
public record Part(
        int number,
        long size,
        Instant lastModified,
        String etag,
        Optional<Checksum> checksum,
        Content content,
        Optional<Encryption> encryption) {
    /** One that is kept as it is. */
    public Part(
            int number, long size, Instant lastModified, String etag, Optional<Checksum> checksum, Content content) {
        this(number, size, lastModified, etag, checksum, content, Optional.empty());
    }

    /**
     * A page of parts, by number.
     *
     * @param upload they belong to
     * @param next the number to go on after; empty if this page is the last
     */
    public record Page(Upload upload, List<Part> parts, Optional<Integer> next) {}

    /**
     * A part as a completion names it.
     *
     * @param etag with or without quotes
     * @param checksum Base64, if the client gave one
     */
    public record Named(int number, String etag, Optional<String> checksum) {}
}
