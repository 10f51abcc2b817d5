package jarrah.s3.store;

/**
 * A checksum that is kept with an object or a part.
 *
 * @param value Base64, as on the wire; a composite one ends in {@code -N}, N being the number of parts
 */
public record Checksum(ChecksumAlgorithm algorithm, Type type, String value) {
    /** Of what it is the checksum; the names are those of the wire. */
    public enum Type {
        /** Of all bytes. */
        FULL_OBJECT,
        /** Of the parts' checksums, one after the other. */
        COMPOSITE
    }
}
