package jarrah.s3.store;

import jarrah.storage.BlobException;
import jarrah.storage.BlobReader;
import jarrah.storage.Kv;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts, and checks, what is stored, beside ordinary work: records are read a page at a time, whatever their number. What
 * changes meanwhile may be counted as it was or as it is.
 */
public final class StoreCheck {
    private static final int PAGE = 500;

    private final Backing backing;

    StoreCheck(Backing backing) {
        this.backing = backing;
    }

    /** Hears of what was found and how far it is; throws what it likes to end the check. */
    public interface Listener<E extends Exception> {
        /** @param bytes of the contents looked at so far */
        void progress(long contents, long bytes) throws E;

        /** @param subject {@code bucket/key} with its version, {@code part ...} or {@code blob ...} */
        void damaged(String subject, String why) throws E;
    }

    /** Versions of a storage class, delete markers not among them. */
    public record Amount(long objects, long versions, long bytes) {
        Amount plus(boolean current, long size) {
            return new Amount(objects + (current ? 1 : 0), versions + 1, bytes + size);
        }
    }

    /**
     * What there is.
     *
     * @param buckets by name, then by storage class; a bucket without objects has an empty map
     * @param uploads unfinished ones
     * @param partBytes of parts, of unfinished uploads and of objects made by one
     * @param garbage records of what is to be given back
     * @param blobs files of contents, with their bytes
     */
    public record Stats(
            Map<String, Map<String, Amount>> buckets,
            long deleteMarkers,
            long uploads,
            long partBytes,
            long garbage,
            long blobs,
            long blobBytes) {}

    /** Takes the record under a key. */
    private interface Each<E extends Exception> {
        void take(byte[] key, byte[] record) throws E;
    }

    private <E extends Exception> void each(char kind, Each<E> each) throws E {
        byte[] to = Keys.behind(Keys.all(kind));
        byte[] from = Keys.all(kind);
        while (true) {
            var page = backing.scan(from, to, PAGE);
            for (Kv.Entry entry : page) {
                each.take(entry.key(), entry.value());
            }
            if (page.size() < PAGE) {
                return;
            }
            from = Keys.next(page.getLast().key());
        }
    }

    private Map<Long, String> bucketNames() {
        var names = new TreeMap<Long, String>();
        each('b', (key, record) -> {
            String name = new String(key, 3, key.length - 3, StandardCharsets.UTF_8);
            names.put(Records.bucket(name, record).id(), name);
        });
        return names;
    }

    private static long bucketOf(byte[] key) {
        return ByteBuffer.wrap(key).getLong(3);
    }

    private static StoredObject object(byte[] key, byte[] record) {
        byte[] name = key[2] == 'v' ? Keys.keyOfVersion(key) : Arrays.copyOfRange(key, 11, key.length);
        return Records.object(new String(name, StandardCharsets.UTF_8), record);
    }

    /** Counts everything; reads all records, and the description of each blob. */
    public Stats stats() {
        Map<Long, String> names = bucketNames();
        var buckets = new TreeMap<String, Map<String, Amount>>();
        names.values().forEach(name -> buckets.put(name, new TreeMap<>()));
        var count = new long[6];
        for (char kind : new char[] {'o', 'v'}) {
            each(kind, (key, record) -> {
                StoredObject object = object(key, record);
                String bucket = names.get(bucketOf(key));
                if (object.deleteMarker()) {
                    count[0]++;
                } else if (bucket != null) {
                    buckets.computeIfAbsent(bucket, _ -> new TreeMap<>())
                            .merge(
                                    object.metadata().storageClass(),
                                    new Amount(0, 0, 0).plus(kind == 'o', object.size()),
                                    (sum, _) -> sum.plus(kind == 'o', object.size()));
                }
            });
        }
        each('u', (_, _) -> count[1]++);
        each(
                'p',
                (key, record) ->
                        count[2] += Records.part(Keys.partNumber(key), record).size());
        each('g', (_, _) -> count[3]++);
        backing.blobs.forEach(id -> {
            count[4]++;
            count[5] += Math.max(0, length(id));
        });
        return new Stats(buckets, count[0], count[1], count[2], count[3], count[4], count[5]);
    }

    /** Bytes of a blob; -1 if it is not there any more. */
    private long length(String id) {
        try (BlobReader blob = backing.blobs.open(id)) {
            return blob.length();
        } catch (BlobException _) {
            return -1;
        }
    }

    /**
     * Looks whether the content of each object, version and part is there and as long as it has to be.
     *
     * @param deep whether all bytes are read and compared with their checksums, too
     */
    public <E extends Exception> void verify(boolean deep, Listener<E> listener) throws E {
        var walk = new Walk<E>(deep, listener);
        Map<Long, String> names = bucketNames();
        for (char kind : new char[] {'o', 'v'}) {
            each(kind, (key, record) -> {
                StoredObject object = object(key, record);
                String subject = names.getOrDefault(bucketOf(key), "?") + "/" + object.key()
                        + (kind == 'v' ? " version " + object.version().text() : "");
                String why = object.content() instanceof Content.Parts(String uploadId)
                        ? wrongParts(uploadId, object.size())
                        : walk.wrong(object.content(), object.size(), object.encryption());
                walk.judge(key, record, object.size(), subject, why);
            });
        }
        each('p', (key, record) -> {
            Part part = Records.part(Keys.partNumber(key), record);
            String why = walk.wrong(part.content(), part.size(), part.encryption());
            walk.judge(
                    key,
                    record,
                    part.size(),
                    "part " + part.number() + " of " + Keys.leaseOf(key).substring(0, 32),
                    why);
        });
    }

    private @Nullable String wrongParts(String uploadId, long size) {
        PartIndex index = PartIndex.read(backing::get, uploadId);
        if (index == null || index.size() != size) {
            return "the list of its parts is missing or of another size";
        }
        int present = 0;
        byte[] from = Keys.part(uploadId, 0);
        byte[] to = Keys.part(uploadId, Limits.MAX_PARTS + 1);
        while (true) {
            var page = backing.scan(from, to, PAGE);
            for (Kv.Entry entry : page) {
                present += index.has(Keys.partNumber(entry.key())) ? 1 : 0;
            }
            if (page.size() < PAGE) {
                return present == index.count() ? null : (index.count() - present) + " of its parts are missing";
            }
            from = Keys.next(page.getLast().key());
        }
    }

    /** Compares all blobs that something refers to with their checksums; each is read from the disk. */
    public <E extends Exception> void scrub(Listener<E> listener) throws E {
        var walk = new Walk<E>(true, listener);
        each('f', (key, record) -> {
            String id = Keys.leaseOf(key);
            long length = Math.max(0, length(id));
            walk.judge(key, record, length, "blob " + id, walk.wrongBlob(id));
        });
    }

    /** One check, with how far it is; used by one thread. */
    private final class Walk<E extends Exception> {
        private static final String GONE = "its bytes are gone";
        private final boolean deep;
        private final Listener<E> listener;
        private long contents;
        private long bytes;

        Walk(boolean deep, Listener<E> listener) {
            this.deep = deep;
            this.listener = listener;
        }

        void judge(byte[] key, byte[] record, long size, String subject, @Nullable String why) throws E {
            // What was replaced or deleted meanwhile has lost its content rightly.
            if (why != null && Arrays.equals(backing.get(key), record)) {
                listener.damaged(subject, why);
            }
            contents++;
            bytes += size;
            listener.progress(contents, bytes);
        }

        @Nullable
        String wrong(Content content, long size, Optional<Encryption> encryption) {
            long kept = encryption.isPresent() ? SealedChunks.sealedLength(size) : size;
            return switch (content) {
                case Content.Empty() -> size == 0 ? null : GONE;
                case Content.Small(long id) -> wrongSmall(id, kept);
                case Content.Blob(String id) -> {
                    long length = length(id);
                    yield length < 0
                            ? GONE
                            : length != kept
                                    ? "its blob has " + length + " bytes instead of " + kept
                                    : deep ? wrongBlob(id) : null;
                }
                case Content.Parts(String _) -> "a part made of parts";
            };
        }

        private @Nullable String wrongSmall(long id, long kept) {
            try {
                byte[] value = backing.get(Keys.small(id));
                if (value == null) {
                    return GONE;
                }
                int length = Intake.SmallBytes.decode(value, "").remaining();
                return length == kept ? null : "it has " + length + " bytes instead of " + kept;
            } catch (S3Exception damaged) {
                return "its bytes differ from their checksum";
            }
        }

        @Nullable
        String wrongBlob(String id) {
            try {
                backing.blobs.scrub(id);
                return null;
            } catch (BlobException.Missing _) {
                return GONE;
            } catch (BlobException failed) {
                return failed.getMessage();
            }
        }
    }
}
