package jarrah.accelerator.store;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Site;
import jarrah.http.ETag;
import jarrah.http.Headers;
import jarrah.http.HttpDate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One stored answer: a key, a head, a body. Immutable but for what is worked out at its first use under some settings. */
public final class Entry {
    /** What an entry costs beside its text: objects, references, places in tables; measured, rounded up. */
    private static final int OVERHEAD_BYTES = 900;

    private static final int FIELD_OVERHEAD_BYTES = 110;

    /** Two watches, with their names and places in the store's table. */
    private static final int WATCHES_OVERHEAD_BYTES = 600;

    private final CacheKey key;
    private final StoredHead head;
    private final Content content;
    private final @Nullable Generations generations;
    private final @Nullable Segment segment;
    private final long overheadBytes;
    private volatile @Nullable Prepared prepared;

    /**
     * Makes an entry; {@link CacheStore#put} makes it found.
     *
     * @param generations what vouches for it; null if time alone does
     * @param segment which part of the representation the content is; null for all of it. The head is that of the whole, with
     *     a strong entity tag
     */
    public Entry(
            CacheKey key,
            StoredHead head,
            Content content,
            @Nullable Generations generations,
            @Nullable Segment segment) {
        this.key = key;
        this.head = head;
        this.content = content;
        this.generations = generations;
        this.segment = segment;
        this.overheadBytes = overhead(key, head) + (generations == null ? 0 : WATCHES_OVERHEAD_BYTES);
    }

    private static long overhead(CacheKey key, StoredHead head) {
        int query = key.query() == null ? 0 : key.query().length();
        long bytes = OVERHEAD_BYTES + 2L * (key.path().length() + query);
        for (int i = 0; i < head.headers().size(); i++) {
            bytes += FIELD_OVERHEAD_BYTES
                    + head.headers().name(i).length()
                    + head.headers().value(i).length();
        }
        return bytes;
    }

    public CacheKey key() {
        return key;
    }

    public StoredHead head() {
        return head;
    }

    public Content content() {
        return content;
    }

    public @Nullable Generations generations() {
        return generations;
    }

    /** Which part of the representation the content is; null for all of it. */
    public @Nullable Segment segment() {
        return segment;
    }

    /** The head under that site's settings. */
    @SuppressWarnings("ReferenceEquality") // settings are read into new objects; comparing them whole takes longer
    public Prepared prepared(Site site) {
        Prepared known = prepared;
        if (known == null || known.site() != site) {
            known = Prepared.of(site, head, content.length());
            prepared = known;
        }
        return known;
    }

    /**
     * The same, stale as of now under those settings: as if it had come in earlier by what is left of its freshness.
     */
    public Entry expired(Site site, long nowMillis) {
        long fresh = prepared(site).life().freshMillis();
        long came = Math.min(head.responseMillis(), nowMillis - fresh);
        Headers headers = head.headers();
        if (!headers.contains("Date")) {
            // Without one it would count as made when it came.
            headers = headers.copy().add("Date", HttpDate.format(Instant.ofEpochMilli(head.responseMillis())));
        }
        return new Entry(
                key, new StoredHead(head.status(), headers, came, came, head.vary()), content, generations, segment);
    }

    /**
     * Whether an older answer of the same key gives way to this one: both are chosen by the same fields, and this one holds
     * all that the other does, or another state of the resource.
     */
    boolean supersedes(Entry older) {
        if (!older.head.vary().equals(head.vary())) {
            return false;
        }
        Segment theirs = older.segment;
        return segment == null || !sameRepresentation(older) || (theirs != null && segment.covers(theirs));
    }

    /** Whether parts of both may be combined. */
    public boolean sameRepresentation(Entry other) {
        return sameRepresentation(head, total(), other.head, other.total());
    }

    /**
     * Whether parts of what has these heads may be combined (RFC 9111, 3.4): they have the same strong entity tag.
     *
     * @param total length of the first one's whole, bytes
     * @param otherTotal of the other's
     */
    public static boolean sameRepresentation(StoredHead head, long total, StoredHead other, long otherTotal) {
        ETag tag = tag(head);
        return tag != null && !tag.weak() && tag.equals(tag(other)) && total == otherTotal;
    }

    private static @Nullable ETag tag(StoredHead head) {
        String text = head.headers().first("ETag");
        return text == null ? null : ETag.parse(text.strip()).orElse(null);
    }

    /** The length of the whole representation, bytes. */
    public long total() {
        return segment == null ? content.length() : segment.total();
    }

    long overheadBytes() {
        return overheadBytes;
    }
}
