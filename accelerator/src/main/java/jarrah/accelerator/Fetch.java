package jarrah.accelerator;

import jarrah.accelerator.origin.DiscardedBody;
import jarrah.accelerator.origin.ForwardedFields;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.origin.OriginException;
import jarrah.accelerator.rules.CacheControl;
import jarrah.accelerator.rules.Compression;
import jarrah.accelerator.rules.Fields;
import jarrah.accelerator.rules.Freshness;
import jarrah.accelerator.rules.Lifetime;
import jarrah.accelerator.rules.ResponseDirectives;
import jarrah.accelerator.rules.Storability;
import jarrah.accelerator.rules.Vary;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.store.Content;
import jarrah.accelerator.store.Draft;
import jarrah.accelerator.store.Entry;
import jarrah.accelerator.store.Generations;
import jarrah.accelerator.store.Segment;
import jarrah.accelerator.store.StoredHead;
import jarrah.http.ByteRange;
import jarrah.http.ETag;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import jarrah.http.HttpDate;
import jarrah.http.ResponseBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One GET to an origin, on a virtual thread of its own, for whoever waits: it goes on when the client that caused it has
 * left. The steps are drawn in docs/accelerator/states.md.
 *
 * <p>Requests wait with a {@link Ticket} until the head of the answer decides what each of them gets. Tickets and what
 * is decided are guarded by this object's monitor; the rest belongs to the fetch's own thread.
 */
final class Fetch {
    private static final Logger LOG = LoggerFactory.getLogger(Fetch.class);

    /** What a request that waits gets. */
    sealed interface Outcome {
        /**
         * An answer that is on its way.
         *
         * @param head its head as this request may see it, without fields of the connection
         * @param initialAgeMillis its age at the head's arrival, 0 if no cache before us told one
         * @param length of the body, bytes; -1 if unknown
         * @param reader of the body; the request's to close
         * @param stored whether it is being stored
         * @param segment which part of the representation the body is; null for all of it
         */
        record Arriving(
                StoredHead head,
                long initialAgeMillis,
                long length,
                Draft.Reader reader,
                boolean stored,
                @Nullable Segment segment)
                implements Outcome {}

        /** What was stored is valid still. */
        record Renewed(Entry entry) implements Outcome {}

        /** The answer is for others, or too far gone to join: look again. */
        record Retry() implements Outcome {}

        /**
         * There is no answer.
         *
         * @param status of the origin's own error, or the one that fits
         */
        record Failed(int status) implements Outcome {}
    }

    /** One request's place in the queue. */
    final class Ticket {
        private final Headers request;
        private final boolean leader;
        private @Nullable Outcome outcome;

        private Ticket(Headers request, boolean leader) {
            this.request = request;
            this.leader = leader;
        }

        boolean leader() {
            return leader;
        }

        /** Waits for what this request gets; a failure if nothing came in that time. */
        Outcome await(long millis) {
            long deadline = System.nanoTime() + millis * 1_000_000;
            synchronized (Fetch.this) {
                while (outcome == null) {
                    long left = (deadline - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        outcome = new Outcome.Failed(504);
                        break;
                    }
                    try {
                        Fetch.this.wait(left);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        outcome = outcome == null ? new Outcome.Failed(503) : outcome;
                    }
                }
                waiting.remove(this);
                return outcome;
            }
        }
    }

    /** The states of a fetch. */
    private sealed interface Step {
        /** Reads the generations that will vouch for the answer. */
        record Prepare() implements Step {}

        /** Asks the origin, whether what is stored is still valid or for the whole; receives the answer. */
        record Ask(boolean conditional) implements Step {}

        /** Stores what has arrived. */
        record Commit(StoredHead head, Draft draft, boolean keep) implements Step {}

        /** Renews what is stored after a 304. */
        record Renew(Headers update) implements Step {}

        /** Tells everybody who waits that there is no answer. */
        record Fail(int status) implements Step {}

        /** Over. */
        record Done() implements Step {}
    }

    private final Fetches fetches;
    private final Site site;
    private final Origin origin;
    private final CacheKey key;
    private final String target;
    private final Headers request;
    private final Storability.Asked asked;
    private final @Nullable Entry stale;
    private final ByteRange.@Nullable Spec part;
    private final boolean solo;
    private final HttpClient.Interim interim;

    private final List<Ticket> waiting = new ArrayList<>();
    private boolean doomed;
    private boolean decided;
    private @Nullable StoredHead shared;
    private long sharedAgeMillis;
    private @Nullable Draft sharedDraft;
    private @Nullable Segment segment;
    private volatile @Nullable Generations generations;

    private long requestMillis;
    private @Nullable Step afterHead;
    private @Nullable GzipBody compressing;

    /**
     * A fetch that {@link #run} performs.
     *
     * @param target path and query to ask for
     * @param request fields of the request that caused it
     * @param stale what is stored, to be validated; null if nothing is
     * @param part the range to ask for; null for the whole
     * @param solo whether nobody else may join
     * @param interim takes interim responses for the request that caused it
     */
    Fetch(
            Fetches fetches,
            Site site,
            Origin origin,
            CacheKey key,
            String target,
            Headers request,
            Storability.Asked asked,
            @Nullable Entry stale,
            ByteRange.@Nullable Spec part,
            boolean solo,
            HttpClient.Interim interim) {
        this.fetches = fetches;
        this.site = site;
        this.origin = origin;
        this.key = key;
        this.target = target;
        this.request = request;
        this.asked = asked;
        this.stale = stale;
        this.part = part;
        this.solo = solo;
        this.interim = interim;
    }

    CacheKey key() {
        return key;
    }

    /** The ticket of the request that caused this fetch. */
    synchronized Ticket lead() {
        var ticket = new Ticket(request, true);
        waiting.add(ticket);
        return ticket;
    }

    /**
     * A ticket for one more request; null if this fetch is not for it.
     *
     * @param wanted the range; null for the whole
     * @param known the fields that answers of this key were chosen by so far
     */
    synchronized @Nullable Ticket join(Headers headers, ByteRange.@Nullable Spec wanted, List<String> known) {
        Generations vouching = generations;
        // A request that comes after a change must not get what was fetched before it.
        if (solo || doomed || !Objects.equals(part, wanted) || (vouching != null && !vouching.shareable())) {
            return null;
        }
        StoredHead head = shared;
        Vary vary = head == null ? Vary.of(Headers.of("Vary", String.join(",", known)), request) : head.vary();
        if ((decided && head == null) || !vary.matches(headers)) {
            return null;
        }
        var ticket = new Ticket(headers, false);
        if (decided && head != null) {
            decide(ticket, head);
        }
        if (ticket.outcome == null) {
            waiting.add(ticket);
        }
        return ticket;
    }

    /** What it fetches is not to be stored, nor given to requests that come from now on: a change has overtaken it. */
    synchronized void doom() {
        doomed = true;
    }

    void run() {
        Step step = new Step.Prepare();
        try {
            while (!(step instanceof Step.Done)) {
                step = switch (step) {
                    case Step.Prepare _ -> prepare();
                    case Step.Ask(var conditional) -> ask(conditional);
                    case Step.Commit commit -> commit(commit);
                    case Step.Renew(var update) -> renew(update);
                    case Step.Fail(var status) -> fail(status);
                    case Step.Done done -> done;
                };
            }
        } catch (RuntimeException | Error e) {
            LOG.error("A fetch of {} failed", key, e);
            broken(new IOException(e), 500);
            fail(500);
        } finally {
            fetches.ended(this);
            release(new Outcome.Retry());
        }
    }

    private Step prepare() {
        // Before the request leaves: a change during the fetch then shows as a newer number.
        generations = origin.generations(key);
        return new Step.Ask(stale != null && validators(stale) && !objectChanged(stale));
    }

    private boolean objectChanged(Entry entry) {
        Generations now = generations;
        Generations then = entry.generations();
        return now != null && then != null && now.objectChangedSince(then);
    }

    private static boolean validators(Entry entry) {
        Headers headers = entry.head().headers();
        return entry.head().status() == 200 && (headers.contains("ETag") || headers.contains("Last-Modified"));
    }

    private Step ask(boolean conditional) {
        SiteLimits.Place place = fetches.limits().begin(site);
        if (place == null) {
            fetches.counts(site).limited.increment();
            return new Step.Fail(503);
        }
        try (place) {
            return askNow(conditional);
        }
    }

    private Step askNow(boolean conditional) {
        Headers stored = conditional && stale != null ? stale.head().headers() : Headers.of();
        String tag = stored.first("ETag");
        Headers fields = ForwardedFields.shared(
                request, site.compress() ? Compression.originTag(tag) : tag, stored.first("Last-Modified"));
        if (part != null) {
            fields.add("Range", part.field());
        }
        requestMillis = fetches.clock().millis();
        afterHead = null;
        fetches.counts(site).fetches.increment();
        try {
            var question = new Origin.Asked("GET", key, target, fields, null);
            origin.fetch(question, new Receiver(conditional));
        } catch (OriginException e) {
            fetches.counts(site).fetchFailures.increment();
            LOG.info("{}: {}", site.name(), e.getMessage());
            return broken(e, e.kind().status());
        } catch (IOException e) {
            return broken(e, 502); // nobody reads on, or the store of objects cannot be read
        } finally {
            if (compressing != null) {
                compressing.release();
                compressing = null;
            }
        }
        Step next = afterHead;
        return next == null ? new Step.Fail(502) : next;
    }

    private final class Receiver implements Origin.Receiver {
        private final boolean conditional;

        private Receiver(boolean conditional) {
            this.conditional = conditional;
        }

        @Override
        public void interim(int status, Headers headers) {
            interim.received(status, Fields.withoutHopByHop(headers));
        }

        @Override
        public ResponseBody head(int status, Headers headers, long length) {
            return Fetch.this.head(conditional, status, headers, length);
        }
    }

    private Step broken(IOException cause, int status) {
        if (afterHead instanceof Step.Commit(var _, var draft, var _)) {
            draft.fail(cause);
            return new Step.Done();
        }
        return afterHead instanceof Step.Done done ? done : new Step.Fail(status);
    }

    /** The head of the answer: decides what becomes of it, and what those who wait get. */
    private ResponseBody head(boolean conditional, int status, Headers headers, long length) {
        long now = fetches.clock().millis();
        Headers answer = Fields.withoutHopByHop(headers);
        if (status == 304 && conditional) {
            afterHead = new Step.Renew(answer);
            return new DiscardedBody();
        }
        if (status == 304 || (status >= 500 && usableOnError(now))) {
            afterHead = new Step.Fail(status == 304 ? 502 : status);
            return new DiscardedBody();
        }
        if (part != null && (status == 206 || status == 200)) {
            // What a range is answered with is never taken for the whole: the range was a client's, and is no part of
            // the key.
            if (status == 200 && length <= fetches.store().maxBodyBytes()) {
                fetches.rangeless().mark(key, fetches.clock().millis());
            }
            Segment received = status == 206 ? Segment.of(answer.first("Content-Range"), part, length) : null;
            return received == null ? indivisible() : answer(200, asOfTheWhole(answer), length, received, now);
        }
        return answer(status, answer, length, null, now);
    }

    /** The head of a representation of which only a part came (RFC 9111, 3.3). */
    private static Headers asOfTheWhole(Headers partial) {
        partial.remove("Content-Range");
        partial.remove("Content-Length");
        return partial;
    }

    /** What came can neither be stored nor be put together with other parts: everybody looks again, for the whole. */
    private ResponseBody indivisible() {
        fetches.indivisible().mark(key, fetches.clock().millis());
        afterHead = new Step.Done();
        return new UnwantedBody();
    }

    /** Ends an answer that may be as long as it likes. */
    private static final class UnwantedBody implements ResponseBody {
        @Override
        public int write(ByteBuffer source) throws IOException {
            throw new IOException("no part that can be used");
        }

        @Override
        public void transfer(FileChannel file, long position, long length) throws IOException {
            throw new IOException("no part that can be used");
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    /** @param received which part the body is; null for all of it */
    private ResponseBody answer(int status, Headers answer, long length, @Nullable Segment received, long now) {
        ResponseDirectives directives = ResponseDirectives.of(answer);
        Lifetime life = Lifetime.of(status, answer, directives, site.cache(), requestMillis, now);
        boolean variants = site.compress() && Compression.applies(status, answer, directives.control(), length);
        boolean compressed = variants && received == null && Compression.GZIP.equals(request.joined("Accept-Encoding"));
        if (variants) {
            Compression.vary(answer);
        }
        if (compressed) {
            Compression.encode(answer);
        }
        boolean keep =
                storable(status, answer, directives, life) && (part == null || received != null || generations != null);
        if (received != null && !(keep && stronglyTagged(answer))) {
            return indivisible();
        }
        long sent = compressed ? -1 : length;
        Draft draft = keep ? fetches.store().draft(sent) : fetches.store().passing(sent);
        keep &= draft.kept();
        var stored = new StoredHead(
                status, Fields.stored(answer, directives.control()), requestMillis, now, Vary.of(answer, request));
        var whole = new StoredHead(status, answer, requestMillis, now, stored.vary());
        long age = answer.contains("Age") ? life.initialAgeMillis() : 0;
        if (!keep) {
            notKept(status);
        }
        segment = received == null || received.isWhole() ? null : received;
        decideAll(keep, stored, whole, age, draft);
        afterHead = new Step.Commit(stored, draft, keep);
        var body = new DraftBody(draft);
        if (!compressed) {
            return body;
        }
        var gzip = new GzipBody(body);
        compressing = gzip;
        return gzip;
    }

    private static boolean stronglyTagged(Headers answer) {
        String tag = answer.first("ETag");
        return tag != null
                && ETag.parse(tag.strip()).filter(found -> !found.weak()).isPresent();
    }

    private boolean usableOnError(long now) {
        if (stale == null || stale.generations() != null || generations != null) {
            return false; // what a generation no longer vouches for is wrong, not old
        }
        Lifetime life = stale.prepared(site).life();
        return switch (Freshness.judge(life, stale.head().responseMillis(), CacheControl.NONE, now)) {
            case Freshness.Fresh _, Freshness.InGrace _ -> true;
            case Freshness.Stale(var _, var usable) -> usable;
        };
    }

    private boolean storable(int status, Headers answer, ResponseDirectives directives, Lifetime life) {
        Storability verdict = Storability.judge(asked, status, answer, directives, life, site.cache());
        // Generations vouch for what the store answers, and for what it refuses, as well as any date could.
        boolean vouched = generations != null && (status == 200 || status == 403 || status == 404);
        return verdict == Storability.STORE
                || (vouched && (verdict == Storability.NOT_EXPLICIT || verdict == Storability.USELESS));
    }

    private void notKept(int status) {
        if (status < 500) {
            if (part == null) { // the answer to a range says nothing about the whole
                fetches.marks().mark(key, fetches.clock().millis());
            }
            if (stale != null) {
                fetches.store().remove(stale); // the origin has another answer now
            }
        }
    }

    private synchronized void decideAll(
            boolean keep, StoredHead stored, StoredHead whole, long ageMillis, Draft draft) {
        decided = true;
        shared = keep ? stored : null;
        sharedAgeMillis = ageMillis;
        sharedDraft = draft;
        for (Ticket ticket : waiting) {
            if (ticket.outcome != null) {
                continue;
            }
            if (ticket.leader) {
                Draft.Reader reader = draft.reader();
                if (reader != null) {
                    ticket.outcome = new Outcome.Arriving(whole, ageMillis, draft.length(), reader, keep, segment);
                }
            } else if (keep) {
                decide(ticket, stored);
            } else if (stored.status() >= 500) {
                // Each asking for itself would be the last that a failing origin needs.
                ticket.outcome = new Outcome.Failed(stored.status());
            } else {
                ticket.outcome = new Outcome.Retry();
            }
        }
        waiting.removeIf(ticket -> ticket.outcome != null);
        notifyAll();
    }

    /** What one that joined gets of a shared answer; nothing yet if the body is whole and about to be stored. */
    private void decide(Ticket ticket, StoredHead head) {
        Draft draft = sharedDraft;
        if (!head.vary().matches(ticket.request)) {
            ticket.outcome = new Outcome.Retry();
        } else if (draft != null) {
            Draft.Reader reader = draft.reader();
            ticket.outcome = reader == null
                    ? null
                    : new Outcome.Arriving(head, sharedAgeMillis, draft.length(), reader, true, segment);
        }
    }

    private Step commit(Step.Commit commit) {
        Content content;
        try {
            content = commit.draft().finish();
        } catch (IOException e) {
            fetches.counts(site).fetchFailures.increment();
            LOG.info("{}: {}", site.name(), e.getMessage());
            return new Step.Done();
        }
        if (content == null) {
            if (commit.keep()) {
                fetches.marks().mark(key, fetches.clock().millis()); // it outgrew the store
            }
        } else if (store(new Entry(key, commit.head(), content, generations, segment))) {
            fetches.marks().clear(key);
        } else {
            fetches.store().discard(content);
        }
        return new Step.Done();
    }

    /**
     * Stores an entry unless a change has overtaken it. Under the monitor, so that whoever dooms this fetch and then
     * removes what is stored has removed this entry too.
     */
    private synchronized boolean store(Entry entry) {
        Generations vouching = generations;
        boolean stored = !doomed
                && (vouching == null || vouching.unchanged())
                && fetches.store().put(entry);
        if (stored) {
            generations = null; // the entry's from now on
        }
        return stored;
    }

    private Step renew(Headers update) {
        Entry old = stale;
        long now = fetches.clock().millis();
        if (old == null || !sameTag(old.head().headers(), update)) {
            return new Step.Ask(false); // RFC 9111, 4.3.3: the answer is about another representation
        }
        if (generations != null && !sameDate(old.head().headers(), update)) {
            return new Step.Ask(false); // stored anew with the same bytes: S3's 304 has no metadata
        }
        if (!update.contains("Date")) {
            // Else the copy would seem as old as when it was first sent (RFC 9110, 6.6.1).
            update.add("Date", HttpDate.format(Instant.ofEpochMilli(now)));
        }
        Headers fields = Fields.updated(old.head().headers(), update);
        if (site.compress() && old.head().vary().names().contains("accept-encoding")) {
            Compression.vary(fields);
            if (Compression.isEncoded(old.head().headers())) {
                Compression.encode(fields); // the origin speaks of its own bytes
            }
        }
        ResponseDirectives directives = ResponseDirectives.of(fields);
        int status = old.head().status();
        Lifetime life = Lifetime.of(status, fields, directives, site.cache(), requestMillis, now);
        if (!storable(status, fields, directives, life)) {
            fetches.store().remove(old);
            return new Step.Ask(false);
        }
        var head = new StoredHead(
                status,
                Fields.stored(fields, directives.control()),
                requestMillis,
                now,
                old.head().vary());
        var entry = new Entry(key, head, old.content(), generations, old.segment());
        if (!store(entry)) {
            return new Step.Ask(false); // evicted or overtaken meanwhile
        }
        release(new Outcome.Renewed(entry));
        return new Step.Done();
    }

    private static boolean sameDate(Headers stored, Headers update) {
        String one = stored.first("Last-Modified");
        String other = update.first("Last-Modified");
        return one == null || other == null || one.equals(other);
    }

    private static boolean sameTag(Headers stored, Headers update) {
        String one = stored.first("ETag");
        String other = update.first("ETag");
        if (one == null || other == null) {
            return true;
        }
        ETag tag = ETag.parse(one.strip()).orElse(null);
        ETag told = ETag.parse(other.strip()).orElse(null);
        return tag == null ? one.equals(other) : told != null && tag.weakMatches(told);
    }

    private Step fail(int status) {
        release(new Outcome.Failed(status));
        return new Step.Done();
    }

    /** Gives everybody who still waits that outcome; lets go of what was not stored. */
    private void release(Outcome outcome) {
        synchronized (this) {
            decided = true;
            for (Ticket ticket : waiting) {
                ticket.outcome = ticket.outcome == null ? outcome : ticket.outcome;
            }
            waiting.clear();
            notifyAll();
        }
        Generations unused = generations;
        if (unused != null && outcome instanceof Outcome.Retry) {
            unused.close();
        }
    }
}
