package jarrah.accelerator;

import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.store.CacheStore;
import jarrah.accelerator.store.Entry;
import jarrah.accelerator.store.Segment;
import jarrah.accelerator.store.StoredHead;
import jarrah.http.ByteRange;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parts of a representation whose whole was not fetched, for one request: from the store where it has them, else fetched,
 * and put together if they are parts of the same (RFC 9111, 3.3 and 3.4). Owned by the request's thread.
 */
final class Segments {
    /** The most that one fetch brings, bytes. */
    static final long FETCH_BYTES = 8 << 20;

    /** Fetches begin and end at multiples of it, so that neighbours and repetitions share what they brought. */
    private static final long ALIGNMENT_BYTES = 64 * 1024;

    /** What is asked for of a range without an end while nobody knows where the end is. */
    private static final long PROBE_BYTES = 1 << 20;

    /** How often a part is looked for that others fetch, remove, replace. */
    private static final int MAX_ATTEMPTS = 4;

    /** What the request says about stored entries, and asks of the origin. */
    interface Asker {
        CacheKey key();

        /** Whether an entry may answer the request, by the fields that it was chosen by. */
        boolean fits(Entry entry);

        /** Whether an entry may be sent; looks at the store of objects if need be. */
        Usable usable(Entry entry);

        /**
         * A fetch for this request.
         *
         * @param stale to be validated; null for nothing
         * @param seen all that was stored
         */
        Fetches.Wanted wanted(@Nullable Entry stale, List<Entry> seen, ByteRange.Spec part);
    }

    /** What may be done with a stored part. */
    enum Usable {
        YES,
        /** Only if the origin fails. */
        ON_ERROR,
        NO,
        /** Another entry has just taken its place. */
        AGAIN
    }

    /** What was found of a part. */
    sealed interface Found {
        /** It is stored. */
        record Stored(Entry entry) implements Piece {
            @Override
            public StoredHead head() {
                return entry.head();
            }

            @Override
            public long total() {
                return entry.total();
            }

            @Override
            public long start() {
                Segment segment = entry.segment();
                return segment == null ? 0 : segment.range().first();
            }

            @Override
            public long end() {
                return start() + entry.content().length();
            }

            @Override
            public void copyTo(ResponseBody target, long offset, long count) throws IOException {
                entry.content().copyTo(target, offset - start(), count);
            }

            @Override
            public void close() {}
        }

        /** It is on its way. */
        record OnItsWay(Fetch.Ticket ticket, Fetch.Outcome.Arriving arriving, Segment segment) implements Piece {
            @Override
            public StoredHead head() {
                return arriving.head();
            }

            @Override
            public long total() {
                return segment.total();
            }

            @Override
            public long start() {
                return segment.range().first();
            }

            @Override
            public long end() {
                return segment.range().last() + 1;
            }

            @Override
            public void copyTo(ResponseBody target, long offset, long count) throws IOException {
                arriving.reader().copyTo(target, offset - start(), count);
            }

            @Override
            public void close() {
                arriving.reader().close();
            }
        }

        /** The origin answers with the whole, or with an error; the reader is to be closed. */
        record Otherwise(Fetch.Ticket ticket, Fetch.Outcome.Arriving arriving) implements Found {}

        /** There is no answer. */
        record Failed(int status) implements Found {}

        /** It cannot be had by itself, or the whole is stored by now: look again. */
        record Not() implements Found {}
    }

    /** A part that can be copied from, once and forwards if it is on its way; to be closed. */
    sealed interface Piece extends Found, AutoCloseable permits Found.Stored, Found.OnItsWay {
        StoredHead head();

        /** The length of the whole, bytes. */
        long total();

        /** Its first byte, within the whole. */
        long start();

        /** The first byte after it. */
        long end();

        /** Writes a stretch of it, whose offset is one within the whole. */
        void copyTo(ResponseBody target, long offset, long count) throws IOException;

        default boolean holds(long offset) {
            return start() <= offset && offset < end();
        }

        @Override
        void close();
    }

    private final Fetches fetches;
    private final CacheStore store;
    private final Asker asker;
    private final long fetchBytes;

    Segments(Fetches fetches, Asker asker) {
        this.fetches = fetches;
        this.store = fetches.store();
        this.asker = asker;
        long most = Math.min(FETCH_BYTES, store.maxBodyBytes());
        this.fetchBytes = Math.max(ALIGNMENT_BYTES, most / ALIGNMENT_BYTES * ALIGNMENT_BYTES);
    }

    /** Whether what is stored under a key holds every byte of a representation between its segments. */
    static boolean complete(List<Entry> entries, Asker asker) {
        Entry like = entries.stream()
                .filter(entry -> entry.segment() != null && asker.fits(entry))
                .findFirst()
                .orElse(null);
        return like != null && covers(entries, asker, like, List.of(new ByteRange(0, like.total() - 1)));
    }

    /** Whether all of these ranges are stored, of the same representation as an entry; they may be stale. */
    private static boolean covers(List<Entry> entries, Asker asker, Entry like, List<ByteRange> ranges) {
        List<ByteRange> stored = entries.stream()
                .filter(entry -> entry.segment() != null && asker.fits(entry) && like.sameRepresentation(entry))
                .map(entry -> Objects.requireNonNull(entry.segment()).range())
                .sorted(Comparator.comparingLong(ByteRange::first))
                .toList();
        for (ByteRange range : ranges) {
            long at = range.first();
            for (ByteRange have : stored) {
                if (have.first() <= at) {
                    at = Math.max(at, have.last() + 1);
                }
            }
            if (at <= range.last()) {
                return false;
            }
        }
        return true;
    }

    /** Whether all of these ranges are stored, of the same representation as a piece. */
    boolean covered(Piece piece, List<ByteRange> ranges) {
        return piece instanceof Found.Stored(var entry) && covers(store.find(asker.key()), asker, entry, ranges);
    }

    /** A part that tells the head and the length of the whole; where these ranges begin, if that is known. */
    Found first(List<ByteRange.Spec> specs) {
        for (Entry entry : store.find(asker.key())) {
            Segment segment = entry.segment();
            if (segment != null && asker.fits(entry)) {
                List<ByteRange> ranges = ByteRange.resolve(specs, entry.total());
                ByteRange begin = ranges.isEmpty() ? segment.range() : ranges.getFirst();
                return at(begin.first(), begin.last());
            }
        }
        long first = Long.MAX_VALUE;
        long last = Long.MAX_VALUE;
        long tail = 0;
        for (ByteRange.Spec spec : specs) {
            switch (spec) {
                case ByteRange.Spec.Suffix(var length) -> tail = Math.max(tail, length);
                case ByteRange.Spec.From(var from, var to) -> {
                    last = from < first ? to : last;
                    first = Math.min(first, from);
                }
            }
        }
        if (tail > 0) {
            long count = tail > fetchBytes ? fetchBytes : Math.ceilDiv(tail, ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
            return find(-1, new ByteRange.Spec.Suffix(count));
        }
        return first == Long.MAX_VALUE
                ? new Found.Not()
                : find(first, span(first, last == Long.MAX_VALUE ? first + PROBE_BYTES : last, Long.MAX_VALUE));
    }

    private ByteRange.Spec span(long first, long last, long next) {
        long from = first / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
        long most = Math.min(last, from + fetchBytes - 1); // far from overflow: no representation is that long
        long to = (most / ALIGNMENT_BYTES + 1) * ALIGNMENT_BYTES - 1;
        return new ByteRange.Spec.From(from, Math.max(first, Math.min(to, next - 1)));
    }

    /**
     * The part that begins at or before an offset, and reaches beyond it.
     *
     * @param last the last byte that is going to be asked for
     */
    Found at(long offset, long last) {
        long next = Long.MAX_VALUE;
        for (Entry entry : store.find(asker.key())) {
            Segment segment = entry.segment();
            if (segment != null && segment.range().first() > offset && asker.fits(entry)) {
                next = Math.min(next, segment.range().first());
            }
        }
        return find(offset, span(offset, last, next));
    }

    /** @param offset that a stored part must hold; -1 for none */
    private Found find(long offset, ByteRange.Spec part) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            List<Entry> seen = store.find(asker.key());
            Found.Stored stored = holding(seen, offset);
            Usable usable = stored == null ? Usable.NO : asker.usable(stored.entry());
            if (stored != null && usable == Usable.YES) {
                return stored;
            }
            if (usable == Usable.AGAIN) {
                continue;
            }
            Entry stale = stored == null ? null : stored.entry();
            if (stale != null && stale.segment() == null) {
                return new Found.Not(); // the whole is validated as a whole
            }
            Fetch.Ticket ticket = fetches.join(asker.wanted(stale, seen, stale == null ? part : of(stale)));
            Found found = ticket == null ? null : await(ticket);
            if (found instanceof Found.Failed && stored != null && usable == Usable.ON_ERROR) {
                return stored;
            }
            if (found != null) {
                return found;
            }
            if (fetches.indivisible().marked(asker.key(), fetches.clock().millis())) {
                break;
            }
        }
        return new Found.Not();
    }

    private static ByteRange.Spec of(Entry entry) {
        ByteRange range = Objects.requireNonNull(entry.segment()).range();
        return new ByteRange.Spec.From(range.first(), range.last());
    }

    private Found.@Nullable Stored holding(List<Entry> entries, long offset) {
        Found.Stored best = null;
        for (Entry entry : entries) {
            var stored = new Found.Stored(entry);
            if (stored.holds(offset) && asker.fits(entry) && (best == null || stored.end() > best.end())) {
                best = stored;
            }
        }
        return best;
    }

    /** Null if the store is to be looked at again. */
    private static @Nullable Found await(Fetch.Ticket ticket) {
        return switch (ticket.await(Serve.PATIENCE_MILLIS)) {
            case Fetch.Outcome.Arriving arriving -> {
                Segment segment = arriving.segment();
                yield segment == null
                        ? new Found.Otherwise(ticket, arriving)
                        : new Found.OnItsWay(ticket, arriving, segment);
            }
            case Fetch.Outcome.Renewed(var entry) ->
                // As for the whole: who only joined must not get what was validated before a change that it knows of.
                ticket.leader()
                                || entry.generations() == null
                                || entry.generations().shareable()
                        ? new Found.Stored(entry)
                        : null;
            case Fetch.Outcome.Retry _ -> null;
            case Fetch.Outcome.Failed(var status) -> new Found.Failed(status);
        };
    }

    /**
     * Writes ranges, fetching what is missing of them.
     *
     * @param first a part of the representation; closed here
     * @param before what is written before each range; null for nothing
     * @throws IOException if the client is gone, or a part cannot be had any more
     */
    void copyTo(ResponseBody target, Piece first, List<ByteRange> ranges, @Nullable Multipart before)
            throws IOException {
        Piece piece = first;
        try {
            long written = 0;
            for (int i = 0; i < ranges.size(); i++) {
                if (before != null) {
                    target.write(ByteBuffer.wrap(before.partHead(i)));
                }
                ByteRange range = ranges.get(i);
                long at = range.first();
                while (at <= range.last()) {
                    if (!piece.holds(at) || at < written) {
                        piece.close();
                        piece = same(first, at(at, range.last()), at);
                    }
                    long count = Math.min(piece.end(), range.last() + 1) - at;
                    write(target, piece, at, count);
                    at += count;
                    written = at;
                }
            }
            if (before != null) {
                target.write(ByteBuffer.wrap(before.end()));
            }
        } finally {
            piece.close(); // twice does no harm
        }
    }

    private void write(ResponseBody target, Piece piece, long at, long count) throws IOException {
        if (piece instanceof Found.Stored(var entry)) {
            store.prepare(entry, at - piece.start(), count);
            store.touched(entry);
        }
        piece.copyTo(target, at, count);
    }

    private static Piece same(Piece first, Found found, long offset) throws IOException {
        if (found instanceof Piece piece
                && piece.holds(offset)
                && Entry.sameRepresentation(first.head(), first.total(), piece.head(), piece.total())) {
            return piece;
        }
        switch (found) {
            case Piece piece -> piece.close();
            case Found.Otherwise(var _, var arriving) -> arriving.reader().close();
            case Found.Failed _, Found.Not _ -> {}
        }
        throw new IOException("the representation has changed, or a part of it cannot be had");
    }
}
