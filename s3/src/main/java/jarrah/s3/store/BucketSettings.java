package jarrah.s3.store;

import jarrah.storage.Kv;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Documents that say how a bucket behaves: its policy, CORS rules, lifecycle and the like. The store keeps them; what they
 * mean is known above. Those of which a bucket has one are kept at hand as long as the bucket's generation is the
 * same, with what their reader made of them, since requests ask for them all the time.
 */
public final class BucketSettings {
    /** Bytes of one record; a longer document has several. */
    private static final int PAGE_BYTES = 60_000;

    private static final int MAX_PAGES = 16;
    /** The longest document, bytes: a lifecycle of 1,000 rules fits. */
    public static final int MAX_BYTES = PAGE_BYTES * MAX_PAGES;

    private static final Kind[] KINDS = Kind.values();

    private final Backing backing;
    private final ConcurrentHashMap<String, Documents> documents = new ConcurrentHashMap<>();

    BucketSettings(Backing backing) {
        this.backing = backing;
    }

    /** What is set. The letter stands in keys. */
    public enum Kind {
        POLICY('p'),
        PUBLIC_ACCESS_BLOCK('b'),
        CORS('c'),
        WEBSITE('w'),
        LIFECYCLE('l'),
        TAGGING('t'),
        ENCRYPTION('e'),
        LOGGING('g'),
        NOTIFICATION('n'),
        REPLICATION('r'),
        REQUEST_PAYMENT('y'),
        ACCELERATE('a'),
        /** A bucket has as many of these as it likes, each with an id. */
        ANALYTICS('A'),
        INTELLIGENT_TIERING('T'),
        INVENTORY('I'),
        METRICS('M');

        final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        /** Whether a bucket can have several. */
        public boolean isMany() {
            return Character.isUpperCase(letter);
        }
    }

    /** One of several documents of a kind. */
    public record Named(String id, byte[] document) {}

    /** The documents of a bucket as of a generation; what was read from them. */
    private record Documents(
            long bucketId, long generation, Map<Kind, byte[]> raw, ConcurrentHashMap<Kind, Object> read) {}

    /** The document; empty if it was never set. {@link S3Exception.NoSuchBucket} if there is no such bucket. */
    public Optional<byte[]> get(String bucket, Kind kind) {
        return Optional.ofNullable(documents(bucket).raw.get(kind));
    }

    /**
     * What a document says.
     *
     * @param reader makes sense of a document; each kind has one reader, whose result is kept
     */
    @SuppressWarnings("unchecked") // each kind has one reader
    public <T> Optional<T> get(String bucket, Kind kind, Function<byte[], T> reader) {
        Documents there = documents(bucket);
        byte[] raw = there.raw.get(kind);
        return raw == null
                ? Optional.empty()
                : Optional.of((T) there.read.computeIfAbsent(kind, _ -> (Object) reader.apply(raw)));
    }

    // The generation is read before the documents, so these are never older than it says.
    private Documents documents(String name) {
        Bucket bucket = existing(name);
        Documents cached = documents.get(name);
        if (cached != null && cached.generation == bucket.generation() && cached.bucketId == bucket.id()) {
            return cached;
        }
        // The kinds of which there is one have small letters, which come last.
        byte[] singles = Keys.settings(bucket.id(), 'a');
        byte[] end = Keys.behind(Keys.settings(bucket.id(), 'z'));
        var whole = new EnumMap<Kind, ByteArrayOutputStream>(Kind.class);
        for (Kv.Entry page : backing.scan(singles, end, MAX_PAGES * KINDS.length)) {
            whole.computeIfAbsent(kind(Keys.settingKind(page.key())), _ -> new ByteArrayOutputStream())
                    .writeBytes(page.value());
        }
        var raw = new EnumMap<Kind, byte[]>(Kind.class);
        whole.forEach((kind, bytes) -> raw.put(kind, bytes.toByteArray()));
        var fresh = new Documents(bucket.id(), bucket.generation(), raw, new ConcurrentHashMap<>());
        documents.put(name, fresh);
        return fresh;
    }

    private Bucket existing(String name) {
        try {
            return backing.bucket(name);
        } catch (S3Exception.NoSuchBucket missing) {
            documents.remove(name); // as many are kept as there are buckets
            throw missing;
        }
    }

    private static Kind kind(char letter) {
        for (Kind kind : KINDS) {
            if (kind.letter == letter) {
                return kind;
            }
        }
        throw new IllegalStateException("A setting of kind " + letter);
    }

    private byte @Nullable [] joined(byte[] prefix) {
        List<Kv.Entry> pages = backing.scan(prefix, Keys.behind(prefix), MAX_PAGES);
        if (pages.isEmpty()) {
            return null;
        }
        var whole = new ByteArrayOutputStream();
        pages.forEach(page -> whole.writeBytes(page.value()));
        return whole.toByteArray();
    }

    /** Whether a bucket has a setting of which it can have one. */
    static boolean has(Kv.Tx tx, Bucket bucket, Kind kind) {
        byte[] prefix = Keys.setting(bucket.id(), kind.letter, "");
        return !tx.scan(prefix, Keys.behind(prefix), 1).isEmpty();
    }

    /** One of several documents of a kind; empty if there is none of that id. */
    public Optional<byte[]> get(String bucket, Kind kind, String id) {
        long bucketId = backing.bucket(bucket).id();
        return Optional.ofNullable(joined(Keys.setting(bucketId, kind.letter, id)));
    }

    /**
     * The documents of a kind, by id.
     *
     * @param after only ids behind this one; empty for all
     * @param limit 1 to 1,000
     */
    public List<Named> list(String bucket, Kind kind, String after, int limit) {
        long bucketId = backing.bucket(bucket).id();
        byte[] all = Keys.settings(bucketId, kind.letter);
        byte[] from = after.isEmpty() ? all : Keys.behind(Keys.setting(bucketId, kind.letter, after));
        var found = new ArrayList<Named>();
        while (found.size() < limit) {
            List<Kv.Entry> page = backing.scan(from, Keys.behind(all), 1);
            if (page.isEmpty()) {
                break;
            }
            String id = Keys.settingId(page.getFirst().key());
            byte[] prefix = Keys.setting(bucketId, kind.letter, id);
            byte[] document = joined(prefix);
            if (document != null) {
                found.add(new Named(id, document));
            }
            from = Keys.behind(prefix);
        }
        return found;
    }

    /**
     * Sets the document of a kind of which a bucket has one.
     *
     * @param allowed throws if this bucket cannot have it
     */
    public void put(String bucket, Kind kind, byte[] document, Consumer<Bucket> allowed) {
        put(bucket, kind, "", document, allowed);
    }

    /** Sets one of several documents. */
    public void put(String bucket, Kind kind, String id, byte[] document, Consumer<Bucket> allowed) {
        if (document.length > MAX_BYTES || document.length == 0) {
            throw new IllegalArgumentException("A setting of %d bytes".formatted(document.length));
        }
        change(
                bucket,
                there -> allowed.accept(there),
                (tx, prefix) -> {
                    remove(tx, prefix);
                    for (int page = 0; page * PAGE_BYTES < document.length; page++) {
                        int from = page * PAGE_BYTES;
                        byte[] piece = Arrays.copyOfRange(document, from, Math.min(document.length, from + PAGE_BYTES));
                        tx.put(Keys.settingPage(prefix, page), piece);
                    }
                },
                kind,
                id);
    }

    /** Takes back what was set; nothing happens if nothing was. */
    public void delete(String bucket, Kind kind) {
        delete(bucket, kind, "");
    }

    /** Takes back one of several documents. */
    public void delete(String bucket, Kind kind, String id) {
        change(bucket, _ -> {}, BucketSettings::remove, kind, id);
    }

    private interface Change {
        void apply(Kv.Tx tx, byte[] prefix);
    }

    private void change(String name, Consumer<Bucket> allowed, Change change, Kind kind, String id) {
        long generation = backing.transact(tx -> {
            Bucket bucket = Backing.bucket(tx, name);
            allowed.accept(bucket);
            change.apply(tx, Keys.setting(bucket.id(), kind.letter, id));
            long number = Sequence.next(tx);
            tx.put(Keys.bucket(name), Records.encode(bucket.withGeneration(number)));
            return number;
        });
        backing.changes.raise(Subjects.bucket(name), generation, true);
    }

    private static void remove(Kv.Tx tx, byte[] prefix) {
        tx.scan(prefix, Keys.behind(prefix), MAX_PAGES).forEach(page -> tx.delete(page.key()));
    }
}
