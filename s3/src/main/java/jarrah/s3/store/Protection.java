package jarrah.s3.store;

/**
 * How bytes to be put shall be encrypted.
 *
 * @param mode kind and key
 * @param customerKey the client's key, 32 bytes; empty for other kinds
 * @param asked whether the request said so; else the bucket did
 */
public record Protection(Encryption mode, byte[] customerKey, boolean asked) {
    /** For kinds without a key of the client's. */
    public Protection(Encryption mode, boolean asked) {
        this(mode, new byte[0], asked);
    }

    @Override
    public String toString() {
        return "Protection[" + mode + "]"; // the key goes into no log
    }
}
