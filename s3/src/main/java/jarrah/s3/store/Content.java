package jarrah.s3.store;

/** Where the bytes of an object or of a part are. */
public sealed interface Content {
    /** No bytes. */
    record Empty() implements Content {}

    /**
     * Few bytes, in the Kv.
     *
     * @param id the sequence number of the change that put them
     */
    record Small(long id) implements Content {}

    /**
     * A blob.
     *
     * @param id as {@link jarrah.storage.Blobs} has it
     */
    record Blob(String id) implements Content {}

    /**
     * The parts of a multipart upload.
     *
     * @param uploadId the upload's id
     */
    record Parts(String uploadId) implements Content {}
}
