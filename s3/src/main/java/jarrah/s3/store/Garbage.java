package jarrah.s3.store;

import jarrah.storage.Kv;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;

/**
 * What nobody refers to any more, noted in the transaction that let go of it: a record under `g` with the time from
 * which it may be given back. {@link Sweeper} does that.
 *
 * <pre>
 * record  1, kind, id
 *   BLOB            blob id       a blob
 *   PARTS           upload id     the parts of an upload or object, all
 *   UNUSED_PARTS    upload id     those parts that the object did not take
 *   COMPLETION      upload id     the memory of a completion
 *   BUCKET_UPLOADS  bucket (hex)  the uploads and settings of a deleted bucket
 * </pre>
 */
record Garbage(Kind kind, String id) {
    /** Readers that looked up a record just before it changed still find its bytes for so long. */
    static final Duration GRACE = Duration.ofMinutes(1);
    /** A completion that is repeated within this time is answered again. */
    static final Duration COMPLETION_MEMORY = Duration.ofDays(7);

    /** What it is; the names stand in records. */
    enum Kind {
        BLOB,
        PARTS,
        UNUSED_PARTS,
        COMPLETION,
        BUCKET_UPLOADS
    }

    byte[] encode() {
        return new RecordWriter(1).text(kind.name()).text(id).toBytes();
    }

    static Garbage of(byte[] record) {
        var in = new RecordReader(record, 1);
        return new Garbage(Kind.valueOf(in.text()), in.text());
    }

    /** Notes it, to be given back from the time on; returns the note's key. */
    byte[] note(Kv.Tx tx, Instant due) {
        byte[] key = Keys.garbage(due.toEpochMilli(), Sequence.next(tx));
        tx.put(key, encode());
        return key;
    }

    /** Lets go of the bytes of an object or a part. */
    static void drop(Kv.Tx tx, Content content, Instant now) {
        switch (content) {
            case Content.Empty() -> {}
            case Content.Small(long id) -> tx.delete(Keys.small(id));
            case Content.Blob(String id) -> {
                tx.delete(Keys.blob(id));
                new Garbage(Kind.BLOB, id).note(tx, now.plus(GRACE));
            }
            case Content.Parts(String uploadId) -> {
                tx.delete(Keys.completed(uploadId));
                new Garbage(Kind.PARTS, uploadId).note(tx, now.plus(GRACE));
            }
        }
    }

    static Garbage uploadsOf(Bucket bucket) {
        return new Garbage(Kind.BUCKET_UPLOADS, HexFormat.of().toHexDigits(bucket.id()));
    }
}
