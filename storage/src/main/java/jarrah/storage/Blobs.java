package jarrah.storage;

import java.security.SecureRandom;
import java.util.Collection;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Bytes that are written once, under an id of their own, and then only read and deleted.
 *
 * <p>A blob is there as a whole or not at all; which blobs are wanted is written elsewhere, in a {@link Kv}. Their bytes
 * carry checksums, and a reader that asks for a range to be verified is told of a flipped bit.
 */
public interface Blobs extends AutoCloseable {
    /** Bytes of an id; its name is twice as many lower-case hexadecimal digits. */
    int ID_BYTES = 16;

    /** A fresh id: 128 random bits. */
    static String newId() {
        var id = new byte[ID_BYTES];
        Ids.RANDOM.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    /**
     * Begins a blob.
     *
     * @param id fresh, 32 lower-case hexadecimal digits
     * @throws BlobException.DiskFull if the disk has no room
     * @throws BlobException.ReadOnly after a failed sync
     */
    BlobWriter create(String id);

    /**
     * Opens a blob for reading; it stays readable until closed, also when it is deleted meanwhile.
     *
     * @throws BlobException.Missing if it is not there
     * @throws BlobException.Corrupt if its description is damaged
     */
    BlobReader open(String id);

    /** Deletes, durably, those of the blobs that are there, finished or begun (a writer of one then fails to commit). */
    void delete(Collection<String> ids);

    /** Calls back with the id of each finished blob, in no order; blobs that come or go meanwhile may be missed. */
    void forEach(Consumer<String> ids);

    /**
     * Compares all of a blob with its checksums, whatever the verify mode.
     *
     * @throws BlobException.Corrupt at the first difference
     * @throws BlobException.Missing if it is not there
     */
    void scrub(String id);

    @Override
    void close();

    /** Holder, so that the generator is made on first use. */
    final class Ids {
        private static final SecureRandom RANDOM = new SecureRandom();

        private Ids() {}
    }
}
