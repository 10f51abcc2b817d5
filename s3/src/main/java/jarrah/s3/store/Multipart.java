package jarrah.s3.store;

import jarrah.storage.Kv;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Multipart uploads. Parts are records of their own from the start; completing an upload puts one object record that
 * points to them and takes the upload's away, so it is one small transaction whatever their number.
 */
public final class Multipart {
    /** A completion whose parts change while it is computed begins anew, so often at most. */
    private static final int COMPLETION_ATTEMPTS = 20;

    private final Backing backing;
    private final Objects objects;
    private final Replications replications;

    Multipart(Backing backing, Objects objects, Replications replications) {
        this.backing = backing;
        this.replications = replications;
        this.objects = objects;
    }

    /**
     * Begins an upload.
     *
     * @throws S3Exception.InvalidRequest if algorithm and type of the checksum do not go together
     */
    public Upload create(NewUpload upload) {
        byte[] key = ObjectKey.bytes(upload.key());
        Checksum.Type type = upload.algorithm()
                .map(algorithm -> PartChecksums.type(algorithm, upload.type()))
                .orElse(null);
        Instant now = backing.now();
        long random = ThreadLocalRandom.current().nextLong();
        return backing.transact(tx -> {
            Bucket bucket = Backing.bucket(tx, upload.bucket());
            Objects.requireLockable(bucket, upload.lock());
            Objects.requireFuture(upload.lock().retention(), now);
            var hex = HexFormat.of();
            String uploadId = hex.toHexDigits(Sequence.next(tx)) + hex.toHexDigits(random);
            var begun = new Upload(
                    upload.bucket(),
                    upload.key(),
                    uploadId,
                    now,
                    upload.initiatorId(),
                    upload.metadata(),
                    upload.acl(),
                    upload.algorithm(),
                    Optional.ofNullable(type),
                    upload.tags(),
                    upload.lock(),
                    upload.encryption());
            tx.put(Keys.upload(bucket.id(), key, uploadId), Records.encode(begun));
            return begun;
        });
    }

    /** The upload in progress. {@link S3Exception.NoSuchUpload} if there is none of that bucket, key and id. */
    public Upload get(String bucket, String key, String uploadId) {
        byte[] place = place(backing.bucket(bucket), key, uploadId);
        return upload(bucket, key, uploadId, backing.get(place));
    }

    private static byte[] place(Bucket bucket, String key, String uploadId) {
        if (uploadId.length() != 32 || !uploadId.chars().allMatch(HexFormat::isHexDigit)) {
            throw new S3Exception.NoSuchUpload(uploadId);
        }
        return Keys.upload(bucket.id(), ObjectKey.bytes(key), uploadId);
    }

    private static Upload upload(String bucket, String key, String uploadId, byte @Nullable [] record) {
        if (record == null) {
            throw new S3Exception.NoSuchUpload(uploadId);
        }
        return Records.upload(bucket, key, uploadId, record);
    }

    /** Puts a part of an upload that takes no key of the client's. */
    public Part putPart(
            String bucket,
            String key,
            String uploadId,
            int number,
            long length,
            BodyDigests digests,
            ReadableByteChannel body)
            throws IOException {
        return putPart(bucket, key, uploadId, number, length, digests, Optional.empty(), body);
    }

    /**
     * Puts a part, in place of an earlier one of the number.
     *
     * @param number 1 to 10,000; the wire refuses others
     * @param length bytes that the client declared; -1 if only the end will tell
     * @param customerKey the client's key, if the upload was begun with one
     * @throws IOException from reading the body only
     */
    public Part putPart(
            String bucket,
            String key,
            String uploadId,
            int number,
            long length,
            BodyDigests digests,
            Optional<byte[]> customerKey,
            ReadableByteChannel body)
            throws IOException {
        Upload upload = get(bucket, key, uploadId);
        BodyDigests asked = PartChecksums.asked(upload, digests);
        var dataKey = dataKey(upload, customerKey);
        var running = new RunningDigests(asked.algorithm());
        try (var intake = new Intake(backing, running, length, Limits.MAX_PUT_BYTES, dataKey)) {
            intake.readAll(body, length);
            return commitPart(upload, number, intake, intake.finish(asked), asked.algorithm());
        }
    }

    /** Makes a part of an upload that takes no key of the client's. */
    public Part copyPart(
            String bucket, String key, String uploadId, int number, CopySource source, long first, long last) {
        return copyPart(bucket, key, uploadId, number, source, first, last, Optional.empty());
    }

    /**
     * Makes a part of an object, or of a range of it.
     *
     * @param first first byte of the range; 0 for all
     * @param last last byte of the range, inclusive; -1 for the object's last
     * @throws S3Exception.InvalidRange if the range does not lie in the object
     */
    public Part copyPart(
            String bucket,
            String key,
            String uploadId,
            int number,
            CopySource source,
            long first,
            long last,
            Optional<byte[]> customerKey) {
        Upload upload = get(bucket, key, uploadId);
        BodyDigests asked = PartChecksums.asked(upload, BodyDigests.NONE);
        try (ObjectReader reader = objects.openSource(source)) {
            long size = reader.object().size();
            long end = last < 0 ? size : last + 1;
            if (first > end || end > size) {
                throw new S3Exception.InvalidRange("bytes=" + first + "-" + last, size);
            }
            var digests = new RunningDigests(asked.algorithm());
            var dataKey = dataKey(upload, customerKey);
            try (var intake = new Intake(backing, digests, end - first, Limits.MAX_PUT_BYTES, dataKey)) {
                Objects.sendAll(reader, first, end - first, intake);
                return commitPart(upload, number, intake, intake.finish(asked), asked.algorithm());
            }
        }
    }

    /** A key for one part: two parts with one key and the same chunk numbers would betray each other. */
    private Optional<ServerKeys.DataKey> dataKey(Upload upload, Optional<byte[]> customerKey) {
        boolean customers = upload.encryption()
                .map(mode -> mode.kind() == Encryption.Kind.CUSTOMER)
                .orElse(false);
        if (customers != customerKey.isPresent()) {
            throw new S3Exception.InvalidRequest("The multipart upload initiate requested encryption. Subsequent part"
                    + " requests must include the appropriate encryption parameters.");
        }
        try {
            return backing.dataKey(
                    upload.encryption().map(mode -> new Protection(mode, customerKey.orElse(new byte[0]), true)));
        } catch (S3Exception.WrongCustomerKey wrong) {
            throw new S3Exception.InvalidRequest(
                    "The provided encryption parameters did not match the ones used originally.");
        }
    }

    private Part commitPart(
            Upload upload,
            int number,
            Intake intake,
            RunningDigests.Result digests,
            Optional<ChecksumAlgorithm> algorithm) {
        Instant now = backing.now();
        Part put;
        try {
            put = backing.transact(tx -> {
                requireInProgress(tx, upload);
                byte[] place = Keys.part(upload.uploadId(), number);
                byte[] former = tx.get(place);
                if (former != null) {
                    Garbage.drop(tx, Records.part(number, former).content(), now);
                }
                long sequence = Sequence.next(tx);
                Content content = intake.refer(tx, sequence);
                var part = new Part(
                        number,
                        intake.length(),
                        now,
                        intake.etag(digests),
                        digests.checksum(algorithm),
                        content,
                        intake.encryption());
                tx.put(place, Records.encode(part));
                tx.put(
                        Keys.revision(upload.uploadId()),
                        ByteBuffer.allocate(8).putLong(sequence).array());
                return part;
            });
        } catch (S3Exception.Unavailable doubtful) {
            throw doubtful; // the transaction may have reached the disk: the blob is left to the sweeper
        } catch (S3Exception refused) {
            intake.refused();
            throw refused;
        }
        intake.referred();
        return put;
    }

    private static byte[] requireInProgress(Kv.Tx tx, Upload upload) {
        byte[] place = place(Backing.bucket(tx, upload.bucket()), upload.key(), upload.uploadId());
        if (tx.get(place) == null) {
            throw new S3Exception.NoSuchUpload(upload.uploadId());
        }
        return place;
    }

    /**
     * The parts of an upload in progress.
     *
     * @param after only numbers above it; 0 for all
     * @param limit 0 to 1,000
     */
    public Part.Page listParts(String bucket, String key, String uploadId, int after, int limit) {
        Upload upload = get(bucket, key, uploadId);
        int from = Math.clamp(after + 1L, 1, Limits.MAX_PARTS + 1);
        List<Part> parts = partsFrom(uploadId, from, limit + 1);
        boolean more = limit > 0 && parts.size() > limit;
        List<Part> page = List.copyOf(parts.subList(0, Math.min(limit, parts.size())));
        return new Part.Page(upload, page, more ? Optional.of(page.getLast().number()) : Optional.empty());
    }

    private List<Part> partsFrom(String uploadId, int from, int limit) {
        return backing.scan(Keys.part(uploadId, from), Keys.part(uploadId, Limits.MAX_PARTS + 1), limit).stream()
                .map(entry -> Records.part(Keys.partNumber(entry.key()), entry.value()))
                .toList();
    }

    /** Uploads in progress. */
    public Upload.Page listUploads(Upload.Query query) {
        Bucket bucket = backing.bucket(query.bucket());
        var walk = new PrefixWalk(query.prefix(), query.delimiter(), query.keyMarker(), query.limit());
        var uploads = new ArrayList<Upload>();
        Optional<String> next = walk.run(
                backing::scan,
                prefix -> Keys.uploads(bucket.id(), prefix),
                key -> query.uploadIdMarker().length() == 32
                        ? Keys.next(Keys.upload(bucket.id(), key, query.uploadIdMarker()))
                        : Keys.behind(Keys.uploadsOf(bucket.id(), key)),
                entry -> Keys.keyOfUpload(entry.key()),
                (key, entry) -> uploads.add(Records.upload(
                        query.bucket(), ObjectKey.text(key, 0), Keys.uploadIdOf(entry.key()), entry.value())));
        Optional<String> nextId = next.filter(
                        key -> !uploads.isEmpty() && uploads.getLast().key().equals(key))
                .map(_ -> uploads.getLast().uploadId());
        return new Upload.Page(uploads, walk.commonPrefixes(), next, nextId);
    }

    /**
     * Makes the object of the named parts; no byte is copied. Parts that are not named are dropped. Repeating a
     * completion gives the same answer for a week, as long as the object is there.
     *
     * @throws S3Exception.InvalidPartOrder if numbers do not ascend
     * @throws S3Exception.InvalidPart if one is not there, or with another ETag or checksum
     * @throws S3Exception.EntityTooSmall if one but the last has less than 5 MiB
     * @throws S3Exception.BadDigest if the checksum of the whole is not the expected one
     */
    public StoredObject complete(Completion completion) {
        for (int attempt = 0; attempt < COMPLETION_ATTEMPTS; attempt++) {
            Bucket bucket = backing.bucket(completion.bucket());
            byte[] record = backing.get(place(bucket, completion.key(), completion.uploadId()));
            if (record == null) {
                return repeated(bucket, completion, backing.get(Keys.completed(completion.uploadId())));
            }
            Upload upload = Records.upload(completion.bucket(), completion.key(), completion.uploadId(), record);
            byte[] revision = backing.get(Keys.revision(completion.uploadId()));
            var assembly = new PartAssembly(upload, completion, allParts(completion.uploadId()));
            Completed completed = commit(completion, upload, assembly, revision);
            if (completed != null) {
                if (completed.isNew) {
                    backing.changes.raise(
                            Subjects.object(completion.bucket(), completion.key()),
                            completed.object.generation(),
                            true);
                }
                return completed.object;
            }
        }
        throw new S3Exception.Unavailable("the upload's parts keep changing");
    }

    private List<Part> allParts(String uploadId) {
        var all = new ArrayList<Part>();
        int from = 1;
        while (true) {
            List<Part> page = partsFrom(uploadId, from, 1_000);
            all.addAll(page);
            if (page.size() < 1_000) {
                return all;
            }
            from = page.getLast().number() + 1;
        }
    }

    /**
     * The outcome of a completion.
     *
     * @param isNew whether it was this one that made the object
     */
    private record Completed(StoredObject object, boolean isNew) {}

    /** Null if the parts are not what they were when they were looked at. */
    private @Nullable Completed commit(
            Completion completion, Upload upload, PartAssembly assembly, byte @Nullable [] revision) {
        Instant now = backing.now();
        String uploadId = upload.uploadId();
        ReplicationRules rules = replications.rules(upload.bucket());
        long salt = VersionId.newSalt();
        return backing.transact(tx -> {
            Bucket bucket = Backing.bucket(tx, upload.bucket());
            byte[] place = place(bucket, upload.key(), uploadId);
            if (tx.get(place) == null) {
                return new Completed(repeated(bucket, completion, tx.get(Keys.completed(uploadId))), false);
            }
            if (!Arrays.equals(revision, tx.get(Keys.revision(uploadId)))) {
                return null;
            }
            var tree = new VersionTree(tx, bucket, upload.key(), now);
            StoredObject former = tree.current();
            completion.condition().requireForPut(upload.key(), former);
            long number = Sequence.next(tx);
            StoredObject draft =
                    assembly.object(tree.newId(number, salt), now, Objects.lockOf(bucket, upload.lock(), now));
            StoredObject object = replications.begin(tx, bucket, rules, draft);
            tree.put(object, former);
            assembly.index().write(tx, uploadId);
            tx.delete(place);
            tx.delete(Keys.revision(uploadId));
            tx.put(
                    Keys.completed(uploadId),
                    new RecordWriter(1)
                            .number(bucket.id())
                            .text(upload.key())
                            .blob(Records.encode(object))
                            .toBytes());
            new Garbage(Garbage.Kind.COMPLETION, uploadId).note(tx, now.plus(Garbage.COMPLETION_MEMORY));
            if (assembly.leavesParts()) {
                new Garbage(Garbage.Kind.UNUSED_PARTS, uploadId).note(tx, now);
            }
            return new Completed(object, true);
        });
    }

    private static StoredObject repeated(Bucket bucket, Completion completion, byte @Nullable [] memory) {
        if (memory != null) {
            var in = new RecordReader(memory, 1);
            if (in.number() == bucket.id() && in.text().equals(completion.key())) {
                return Records.object(completion.key(), in.blob());
            }
        }
        throw new S3Exception.NoSuchUpload(completion.uploadId());
    }

    /** Ends the upload and gives back the space of its parts. */
    public void abort(String bucket, String key, String uploadId) {
        Instant now = backing.now();
        backing.transact(tx -> {
            byte[] place = place(Backing.bucket(tx, bucket), key, uploadId);
            if (tx.get(place) == null) {
                throw new S3Exception.NoSuchUpload(uploadId);
            }
            end(tx, place, uploadId, now);
            return true;
        });
    }

    static void end(Kv.Tx tx, byte[] place, String uploadId, Instant now) {
        tx.delete(place);
        tx.delete(Keys.revision(uploadId));
        new Garbage(Garbage.Kind.PARTS, uploadId).note(tx, now);
    }
}
