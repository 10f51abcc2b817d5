package jarrah.s3.store;

import jarrah.storage.Kv;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of an object's parts, with their numbers, that become the parts of its replica. Until a record refers to them they
 * are noted as garbage that is due in a day, so that a crash leaves nothing behind; while this process makes them they are
 * pinned, however long it takes. Used by one thread.
 */
final class PartCopies implements AutoCloseable {
    private static final Duration DUE = Duration.ofDays(1);
    private static final int PAGE = 100;
    private static final Logger LOG = LoggerFactory.getLogger(PartCopies.class);

    private final Backing backing;
    private final String uploadId;
    private final byte[] note;
    private final PartIndex index = new PartIndex();

    private PartCopies(Backing backing, String uploadId, byte[] note) {
        this.backing = backing;
        this.uploadId = uploadId;
        this.note = note;
    }

    /**
     * Copies all parts. Those that a client's key seals are copied as they lie, since nobody here can open them.
     *
     * @param reader of an object made of parts, unlocked unless they are sealed so
     * @param protection how to encrypt the others; empty to keep their bytes as they are
     */
    static PartCopies of(Backing backing, Objects objects, ContentReader reader, Optional<Protection> protection) {
        var hex = HexFormat.of();
        var random = ThreadLocalRandom.current();
        String uploadId = hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
        backing.pins.pin(uploadId); // before the sweeper can know of them
        Instant due = backing.now().plus(DUE);
        byte[] note;
        try {
            note = backing.transact(tx -> new Garbage(Garbage.Kind.PARTS, uploadId).note(tx, due));
        } catch (RuntimeException e) {
            backing.pins.unpin(uploadId);
            throw e;
        }
        var copies = new PartCopies(backing, uploadId, note);
        try {
            copies.copy(objects, reader, protection);
            return copies;
        } catch (RuntimeException e) {
            copies.close();
            throw e;
        }
    }

    private void copy(Objects objects, ContentReader reader, Optional<Protection> protection) {
        int after = 0;
        List<Part> page;
        do {
            page = objects.parts(reader, after, PAGE);
            for (Part part : page) {
                copy(reader, part, protection);
                after = part.number();
            }
        } while (page.size() == PAGE);
        if (index.size() != reader.object().size()) {
            throw new S3Exception.Damaged(reader.object().key());
        }
    }

    private void copy(ContentReader reader, Part part, Optional<Protection> protection) {
        boolean sealed = Encryption.isCustomers(part.encryption());
        var digests = new RunningDigests(Optional.empty());
        var dataKey = sealed ? Optional.<ServerKeys.DataKey>empty() : backing.dataKey(protection);
        try (var intake = new Intake(backing, digests, -1, Limits.MAX_OBJECT_BYTES, dataKey)) {
            if (sealed) {
                reader.sendKept(part, intake);
            } else {
                reader.send(index.size(), part.size(), intake);
            }
            intake.finish(BodyDigests.NONE);
            backing.transact(tx -> {
                Content content = intake.refer(tx, Sequence.next(tx));
                var copy = new Part(
                        part.number(),
                        part.size(),
                        part.lastModified(),
                        part.etag(),
                        part.checksum(),
                        content,
                        sealed ? part.encryption() : intake.encryption());
                tx.put(Keys.part(uploadId, part.number()), Records.encode(copy));
                return true;
            });
            intake.referred();
        } catch (IOException failed) {
            throw new S3Exception.Unavailable(String.valueOf(failed.getMessage()));
        }
        index.add(part.number(), part.size());
    }

    /** Makes them the content of a record, in the transaction that puts it. */
    Content refer(Kv.Tx tx) {
        if (tx.get(note) == null) {
            throw new S3Exception.Unavailable("the parts of a replica were given up");
        }
        tx.delete(note);
        index.write(tx, uploadId);
        return new Content.Parts(uploadId);
    }

    /** Gives them back at once, unless a record refers to them. */
    @Override
    public void close() {
        Instant now = backing.now();
        try {
            backing.transact(tx -> {
                // Whether a transaction that was in doubt has reached the disk, the note alone tells.
                if (tx.get(note) != null) {
                    tx.delete(note);
                    new Garbage(Garbage.Kind.PARTS, uploadId).note(tx, now);
                }
                return true;
            });
        } catch (S3Exception.Unavailable failed) {
            LOG.warn("The parts of a replica are given back in a day: {}", failed.getMessage());
        } finally {
            backing.pins.unpin(uploadId);
        }
    }
}
