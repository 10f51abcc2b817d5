package jarrah.accelerator;

import jarrah.accelerator.origin.ForwardedFields;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.CacheStatus.Forward;
import jarrah.accelerator.rules.Conditional;
import jarrah.accelerator.rules.Freshness;
import jarrah.accelerator.rules.RequestFacts;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.store.Entry;
import jarrah.accelerator.store.Generations;
import jarrah.accelerator.store.Prepared;
import jarrah.http.ByteRange;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.RequestHead;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request(), step by step: the event loop takes the first steps and answers if it can do so without waiting, else a
 * virtual thread takes all of them. The steps are drawn in docs/accelerator/states.md. Owned by one thread.
 */
final class Serve {
    /** The longest that a request waits for the head of an answer; the origin's own deadlines are shorter. */
    static final long PATIENCE_MILLIS = 150_000;

    /** After so many turns back to the store a request fetches for itself. */
    private static final int MAX_LOOKUPS = 4;

    /** A range that begins further on is not worth the bytes before it. */
    private static final long NEAR_BYTES = 1 << 20;

    private static final String RETRY_AFTER_SECONDS = "5";

    /** How a stored answer may be sent. */
    private enum Standing {
        VALID,
        /** Stale; to be refreshed behind the client's back. */
        GRACE,
        /** Stale; the origin has just failed to bring anything better. */
        ON_ERROR
    }

    /** The states of a request. */
    private sealed interface Step {
        /** Judges access by what takes time: a file, a slow hash, the store's own records. */
        record Judge() implements Step {}

        /** Looks in the store. */
        record Lookup() implements Step {}

        /** Answers from the store. */
        record Hit(Entry entry, Prepared prepared, String cacheStatus, Standing standing) implements Step {}

        /** Watches an entry that a former process stored, to see whether it is still what the store of objects has. */
        record Watch(Entry entry) implements Step {}

        /**
         * Has the answer fetched.
         *
         * @param stale what is stored; null if nothing is that could be validated
         * @param onError what may be served if the origin fails; null for nothing
         * @param alone whether the answer to others will not do
         */
        record Miss(Forward why, @Nullable Entry stale, Step.@Nullable Hit onError, boolean alone) implements Step {}

        /**
         * Answers with parts of what is not stored as a whole.
         *
         * @param specs what is asked for
         */
        record Partial(List<ByteRange.Spec> specs) implements Step {}

        /** Waits for a fetch, and answers with what it brings. */
        record Await(Miss miss, Fetch.Ticket ticket) implements Step {}

        /** Answers with the names of a directory, or with where it is. */
        record Directory() implements Step {}

        /** Has the origin answer this request alone. */
        record Pass(Forward why) implements Step {}

        /** Answers with an error of our own. */
        record Refuse(Refusal refusal) implements Step {
            Refuse(int status) {
                this(new Refusal(status));
            }
        }

        /** Over. */
        record Done() implements Step {}
    }

    private static final List<ByteRange.Spec> ALL = List.of(new ByteRange.Spec.From(0, Long.MAX_VALUE));

    private static final Step LOOKUP = new Step.Lookup();
    private static final Step DIRECTORY = new Step.Directory();
    private static final Step DONE = new Step.Done();

    private final Accelerator accelerator;
    private final Served served;
    private final Fetches fetches;
    private final Exchange exchange;
    private final Asker asker = new Asker();
    private final Visit visit;
    private @Nullable CacheKey substitute;
    private @Nullable String told;
    private boolean listed;
    private boolean instead;
    private int insteadStatus;
    private List<Entry> seen = List.of();
    private String handling = "refused";
    private int lookups;

    Serve(Accelerator accelerator, Exchange exchange) {
        this.accelerator = accelerator;
        this.served = accelerator.served();
        this.fetches = accelerator.fetches();
        this.exchange = exchange;
        this.visit = new Visit(accelerator, exchange);
    }

    /** Answers if that needs no waiting; false leaves the exchange untouched. */
    boolean now() {
        Step step = receive(false);
        while (step instanceof Step.Lookup) {
            step = lookup();
        }
        return switch (step) {
            case Step.Refuse refuse -> {
                refuse(refuse);
                yield true;
            }
            case Step.Hit hit -> hitNow(hit);
            case Step.Judge _, Step.Lookup _, Step.Watch _, Step.Partial _, Step.Directory _ -> false;
            case Step.Miss _, Step.Await _, Step.Pass _, Step.Done _ -> false;
        };
    }

    /** Answers. */
    void run() throws IOException {
        Step step = receive(true);
        while (!(step instanceof Step.Done)) {
            step = switch (step) {
                case Step.Judge _ -> receive(true);
                case Step.Lookup _ -> lookup();
                case Step.Hit hit -> hit(hit);
                case Step.Watch(var entry) -> watch(entry);
                case Step.Partial(var specs) -> partial(specs);
                case Step.Miss miss -> miss(miss);
                case Step.Await(var miss, var ticket) -> await(miss, ticket);
                case Step.Directory _ -> directory();
                case Step.Pass(var why) -> pass(why);
                case Step.Refuse refuse -> refuse(refuse);
                case Step.Done done -> done;
            };
        }
    }

    private Step receive(boolean mayWait) {
        return switch (visit.receive(mayWait)) {
            case Visit.Next.Lookup _ -> LOOKUP;
            case Visit.Next.Pass _ -> new Step.Pass(Forward.METHOD);
            case Visit.Next.Directory _ -> DIRECTORY;
            case Visit.Next.Judge _ -> new Step.Judge();
            case Visit.Next.Refused(var refusal) -> new Step.Refuse(refusal);
        };
    }

    /** The site of the request, once its first step was taken; null if it has none. */
    @Nullable
    Site siteIfKnown() {
        return visit.siteIfKnown();
    }

    /** How it was answered, see {@link Answered}. */
    String handling() {
        return handling;
    }

    /** What Cache-Status said of the answer; null if it said nothing. */
    @Nullable
    String told() {
        return told;
    }

    private Site site() {
        return visit.site();
    }

    private RequestFacts facts() {
        return visit.facts();
    }

    private RequestHead request() {
        return visit.request();
    }

    /** What is looked up and fetched: what the client asked for, or what is served in place of that. */
    private CacheKey key() {
        return substitute == null ? visit.key() : substitute;
    }

    /** A client's Authorization is for the origin to judge; a bucket is read in a name of the site's own. */
    private boolean authorized() {
        return facts().authorization() && site().origin() instanceof SiteOrigin.Http;
    }

    private Step lookup() {
        lookups++;
        List<Entry> entries = fetches.store().find(key());
        seen = entries;
        if (entries.isEmpty()) {
            return unstored(Forward.URI_MISS);
        }
        for (Entry entry : entries) {
            if (entry.segment() != null) {
                return unstored(Forward.PARTIAL); // they come last
            }
            if (entry.head().vary().matches(request().headers())) {
                Prepared prepared = entry.prepared(site());
                if (visit.compressed() && prepared.compressible()) {
                    continue;
                }
                if (authorized() && !prepared.sharedWithAuthorization()) {
                    return unstored(Forward.REQUEST);
                }
                Step judged = judge(entry, prepared);
                Step other = judged instanceof Step.Hit ? instead(entry.head().status()) : null;
                return other == null ? judged : other;
            }
        }
        return unstored(Forward.VARY_MISS);
    }

    private Step unstored(Forward why) {
        if (facts().directives().has("only-if-cached")) {
            return new Step.Refuse(504);
        }
        boolean alone = authorized()
                || lookups >= MAX_LOOKUPS
                || facts().directives().has("no-store")
                || known(fetches.marks());
        if (!alone && facts().isGet() && !known(fetches.indivisible())) {
            List<ByteRange.Spec> specs = partsWanted();
            if (!specs.isEmpty()) {
                return new Step.Partial(specs);
            }
        }
        return new Step.Miss(why, null, null, alone);
    }

    /** What is worth fetching by itself, or is stored in parts; empty for nothing. */
    private List<ByteRange.Spec> partsWanted() {
        if (facts().directives().has("no-cache")) {
            return List.of();
        }
        if (facts().range() == null) {
            return Segments.complete(seen, asker) ? ALL : List.of();
        }
        return ByteRange.parse(facts().range())
                .filter(specs -> specs.stream().noneMatch(Serve::wantsNearlyAll))
                .orElse(List.of());
    }

    /** Whether the whole may as well be fetched at once. */
    private static boolean wantsNearlyAll(ByteRange.Spec spec) {
        return spec instanceof ByteRange.Spec.From(var first, var last) && first <= NEAR_BYTES && last > NEAR_BYTES;
    }

    private Step partial(List<ByteRange.Spec> specs) throws IOException {
        var answer = new PartialAnswer(fetches, exchange, site(), facts(), asker);
        return switch (answer.send(specs)) {
            case PartialAnswer.Outcome.Sent(var hit, var cacheStatus) -> {
                told = cacheStatus;
                handling = hit ? "hit" : "miss";
                SiteCounts counts = fetches.counts(site());
                (hit ? counts.hits : counts.misses).increment();
                yield DONE;
            }
            case PartialAnswer.Outcome.Otherwise(var ticket, var arriving) ->
                arrived(new Step.Miss(Forward.URI_MISS, null, null, false), ticket, arriving);
            case PartialAnswer.Outcome.Failed(var status) -> unavailable(status);
            case PartialAnswer.Outcome.Whole _ -> new Step.Miss(Forward.PARTIAL, null, null, false);
            case PartialAnswer.Outcome.Pass _ -> new Step.Pass(Forward.PARTIAL);
            case PartialAnswer.Outcome.Again _ -> LOOKUP;
        };
    }

    /** What the segments of this request's key are to it. */
    private final class Asker implements Segments.Asker {
        @Override
        public CacheKey key() {
            return Serve.this.key();
        }

        @Override
        public boolean fits(Entry entry) {
            return entry.head().vary().matches(request().headers());
        }

        @Override
        public Segments.Usable usable(Entry entry) {
            Step step = judge(entry, entry.prepared(site()));
            if (step instanceof Step.Watch(var old)) {
                step = watch(old);
            }
            return switch (step) {
                case Step.Hit hit when hit.standing() == Standing.VALID -> Segments.Usable.YES;
                case Step.Hit _ -> Segments.Usable.ON_ERROR;
                case Step.Miss miss when miss.onError() != null -> Segments.Usable.ON_ERROR;
                case Step.Lookup _ -> Segments.Usable.AGAIN;
                default -> Segments.Usable.NO;
            };
        }

        @Override
        public Fetches.Wanted wanted(@Nullable Entry stale, List<Entry> stored, ByteRange.Spec part) {
            return Serve.this.wanted(stale, request().headers(), stored, part);
        }
    }

    private Step judge(Entry entry, Prepared prepared) {
        Generations generations = entry.generations();
        if (generations != null) {
            if (!generations.watched()) {
                return new Step.Watch(entry);
            }
            return generations.current()
                    ? new Step.Hit(entry, prepared, CacheStatus.hit(), Standing.VALID)
                    : stale(Forward.STALE, entry, null);
        }
        if (site().origin() instanceof SiteOrigin.S3 && served.origin(site()).vouches()) {
            return stale(Forward.STALE, entry, null); // fetched while nobody told of changes
        }
        long now = accelerator.clock().millis();
        long responseMillis = entry.head().responseMillis();
        return switch (Freshness.judge(prepared.life(), responseMillis, facts().directives(), now)) {
            case Freshness.Fresh(var ttl) -> new Step.Hit(entry, prepared, CacheStatus.hit(ttl), Standing.VALID);
            case Freshness.InGrace(var staleFor) ->
                new Step.Hit(entry, prepared, CacheStatus.hit(-staleFor), Standing.GRACE);
            case Freshness.Stale(var ttl, var usable) -> {
                if (-ttl > prepared.life().keepMillis()) {
                    yield unstored(Forward.STALE);
                }
                var onError = new Step.Hit(entry, prepared, CacheStatus.hitOnError(ttl), Standing.ON_ERROR);
                yield stale(ttl > 0 ? Forward.REQUEST : Forward.STALE, entry, usable ? onError : null);
            }
        };
    }

    private Step stale(Forward why, Entry entry, Step.@Nullable Hit onError) {
        if (facts().directives().has("only-if-cached")) {
            return new Step.Refuse(504);
        }
        return new Step.Miss(why, entry, onError, authorized() || lookups >= MAX_LOOKUPS);
    }

    private Step watch(Entry entry) {
        Generations now = served.origin(site()).generations(key());
        Generations then = entry.generations();
        if (now == null || then == null || !now.sameAs(then)) {
            if (now != null) {
                now.close();
            }
            return stale(Forward.STALE, entry, null);
        }
        var watched = new Entry(key(), entry.head(), entry.content(), now, entry.segment());
        if (!fetches.store().put(watched)) {
            now.close();
        }
        return LOOKUP;
    }

    /** Turns to what is served in place of an answer with that status; null if nothing is. */
    private @Nullable Step instead(int status) {
        if (listsInstead(status)) {
            return DIRECTORY;
        }
        CacheKey other = substitute(status);
        if (other == null) {
            return null;
        }
        instead = true;
        insteadStatus = other.equals(fallback(status)) ? 200 : status;
        substitute = other;
        lookups = 0;
        return LOOKUP;
    }

    /** Whether something else is served in place of an answer with that status. */
    private boolean isReplaced(int status) {
        return listsInstead(status) || substitute(status) != null;
    }

    private boolean listsInstead(int status) {
        return status == 404 && !listed && !instead && visit.directory() != null;
    }

    /** The key of what is served in place of an answer with that status; null if nothing is. */
    private @Nullable CacheKey substitute(int status) {
        if (instead || status < 400 || status == 412 || status == 416) {
            return null;
        }
        CacheKey fallback = fallback(status);
        return fallback == null ? site().sibling(site().paths().errorPage()) : fallback;
    }

    /** A bucket whose objects cannot be listed answers 403 for what is missing. */
    private @Nullable CacheKey fallback(int status) {
        return status == 404 || status == 403 ? site().sibling(site().paths().fallback()) : null;
    }

    /** The status to send for an answer with this one. */
    private int statusOf(int status) {
        return instead && (status == 200 || insteadStatus != 200) ? insteadStatus : status;
    }

    /** The answer from the store, or null if the origin must be asked whether a precondition really fails. */
    private @Nullable Answer answer(Step.Hit hit) {
        Entry entry = hit.entry();
        int status = statusOf(entry.head().status());
        Prepared prepared = hit.prepared();
        long responseMillis = entry.head().responseMillis();
        long age = entry.generations() != null
                ? 0 // validated this very moment
                : prepared.life().ageMillis(responseMillis, accelerator.clock().millis()) / 1000;
        Headers fields = prepared.fields().copy();
        told = hit.cacheStatus();
        fields.add("Age", Long.toString(age)).add("Cache-Status", hit.cacheStatus());
        if (facts().conditional()
                && entry.generations() == null
                && Conditional.evaluate(facts(), status, fields, responseMillis) == Conditional.PRECONDITION_FAILED) {
            return null; // RFC 9110, 13.1.1: it is the origin's representation that counts, not our copy
        }
        return Answer.of(facts(), status, fields, entry.content().length(), responseMillis, true);
    }

    private boolean hitNow(Step.Hit hit) {
        Answer answer = answer(hit);
        if (answer == null
                || !Delivery.now(exchange, facts().isHead(), answer, hit.entry().content())) {
            return false;
        }
        counted(hit);
        return true;
    }

    private Step hit(Step.Hit hit) throws IOException {
        Answer answer = answer(hit);
        if (answer == null) {
            return new Step.Pass(Forward.REQUEST);
        }
        if (Delivery.stored(exchange, facts().isHead(), answer, hit.entry(), fetches.store())) {
            counted(hit);
            return DONE;
        }
        fetches.store().remove(hit.entry()); // evicted or damaged; if that is past it is a different entry by now
        return LOOKUP;
    }

    private void counted(Step.Hit hit) {
        SiteCounts counts = fetches.counts(site());
        counts.hits.increment();
        handling = hit.standing() == Standing.VALID ? "hit" : "grace";
        fetches.store().touched(hit.entry());
        if (hit.standing() != Standing.VALID) {
            counts.graceHits.increment();
        }
        if (hit.standing() == Standing.GRACE) {
            fetches.refresh(wanted(hit.entry(), request().headers().copy()));
        }
    }

    private Fetches.Wanted wanted(@Nullable Entry stale, Headers headers) {
        return wanted(stale, headers, seen, null);
    }

    private Fetches.Wanted wanted(
            @Nullable Entry stale, Headers headers, List<Entry> stored, ByteRange.@Nullable Spec part) {
        return new Fetches.Wanted(
                site(),
                served.origin(site()),
                key(),
                originTarget(),
                headers,
                facts().asked(site().origin() instanceof SiteOrigin.Http),
                stale,
                stored,
                part,
                exchange::interim);
    }

    private String originTarget() {
        String query = key().query();
        return query == null ? visit.target().rawPath() : visit.target().rawPath() + "?" + query;
    }

    private Step miss(Step.Miss miss) {
        // What is served in place of an error takes that one's status, which a part of it or a head of the origin's has
        // not.
        boolean direct = miss.stale() == null && !instead;
        if (direct && facts().isHead()) {
            return new Step.Pass(miss.why()); // a body that nobody wants is not fetched
        }
        if (direct && facts().range() != null && isFar(facts().range()) && !known(fetches.rangeless())) {
            return new Step.Pass(miss.why());
        }
        Fetches.Wanted wanted = wanted(miss.stale(), request().headers());
        Fetch.Ticket ticket = miss.alone() ? fetches.alone(wanted) : fetches.join(wanted);
        return ticket == null ? LOOKUP : new Step.Await(miss, ticket);
    }

    private boolean known(HitForMiss marks) {
        return marks.marked(key(), accelerator.clock().millis());
    }

    /** Whether one would wait, and the origin send, for what nobody asked for. */
    private static boolean isFar(String range) {
        return ByteRange.parse(range)
                .map(specs -> specs.stream()
                        .anyMatch(spec -> spec instanceof ByteRange.Spec.Suffix
                                || (spec instanceof ByteRange.Spec.From(var first, var _) && first > NEAR_BYTES)))
                .orElse(false);
    }

    private Step await(Step.Miss miss, Fetch.Ticket ticket) throws IOException {
        return switch (ticket.await(PATIENCE_MILLIS)) {
            case Fetch.Outcome.Arriving arriving -> arrived(miss, ticket, arriving);
            case Fetch.Outcome.Renewed(var entry) -> renewed(miss, ticket, entry);
            case Fetch.Outcome.Retry _ -> LOOKUP;
            case Fetch.Outcome.Failed(var status) -> {
                Step.Hit onError = miss.onError();
                yield onError == null ? unavailable(status) : onError;
            }
        };
    }

    private Step arrived(Step.Miss miss, Fetch.Ticket ticket, Fetch.Outcome.Arriving arriving) throws IOException {
        try {
            Step other = instead(arriving.head().status());
            if (other != null) {
                return other;
            }
            deliver(miss, ticket, arriving);
            return DONE;
        } finally {
            arriving.reader().close();
        }
    }

    private Step renewed(Step.Miss miss, Fetch.Ticket ticket, Entry entry) {
        boolean own = ticket.leader(); // asked after this request came: the answer cannot be older than it
        if (!own && entry.generations() != null && !entry.generations().shareable()) {
            return LOOKUP;
        }
        int status = entry.head().status();
        String told = CacheStatus.forwarded(miss.why(), 304, status, true, !ticket.leader());
        return new Step.Hit(entry, entry.prepared(site()), told, Standing.VALID);
    }

    private void deliver(Step.Miss miss, Fetch.Ticket ticket, Fetch.Outcome.Arriving arriving) throws IOException {
        SiteCounts counts = fetches.counts(site());
        (arriving.stored() ? counts.misses : counts.passes).increment();
        if (!ticket.leader()) {
            counts.collapsed.increment();
        }
        handling = !arriving.stored() ? "pass" : ticket.leader() ? "miss" : "joined";
        int status = arriving.head().status();
        long responseMillis = arriving.head().responseMillis();
        Headers fields = Prepared.fields(site(), arriving.head().headers(), responseMillis);
        fields.remove("Content-Length");
        fields.remove("Age");
        if (arriving.initialAgeMillis() > 0) {
            long held = Math.max(0, accelerator.clock().millis() - responseMillis);
            fields.add("Age", Long.toString((arriving.initialAgeMillis() + held) / 1000));
        }
        String cacheStatus = CacheStatus.forwarded(miss.why(), status, status, arriving.stored(), !ticket.leader());
        told = cacheStatus;
        fields.add("Cache-Status", cacheStatus);
        Answer answer = Answer.of(facts(), statusOf(status), fields, arriving.length(), responseMillis, false);
        Delivery.arriving(exchange, facts().isHead(), answer, arriving.reader());
    }

    private static Step unavailable(int status) {
        return new Step.Refuse(new Refusal(status, "Retry-After", RETRY_AFTER_SECONDS, null));
    }

    private Step pass(Forward why) throws IOException {
        boolean trusted = ClientAddress.trusts(
                served.config().trustedProxies(), request().remote().getAddress());
        Headers fields = ForwardedFields.passed(request(), trusted);
        var pass = new Pass(accelerator, exchange, site(), served.origin(site()), why, this::isReplaced);
        var asked = new Origin.Asked(
                request().method(), key(), originTarget(), fields, facts().hasBody() ? exchange.body() : null);
        handling = "pass";
        int failed;
        try {
            failed = pass.run(asked);
        } finally {
            told = pass.told();
        }
        if (failed != 0) {
            return unavailable(failed);
        }
        Step other = pass.left() == 0 ? null : instead(pass.left());
        return other == null ? DONE : other;
    }

    private Step directory() throws IOException {
        listed = true;
        DirectoryListing listing = visit.listing(Objects.requireNonNull(visit.directory()));
        if (listing == null) {
            return new Step.Refuse(400);
        }
        handling = "pass";
        return switch (listing.run()) {
            case DirectoryListing.Outcome.Sent _ -> {
                fetches.counts(site()).passes.increment();
                told = DirectoryListing.CACHE_STATUS;
                yield DONE;
            }
            case DirectoryListing.Outcome.Nothing(var status) -> {
                Step other = instead(status);
                yield other == null ? new Step.Refuse(status) : other;
            }
            case DirectoryListing.Outcome.Denied(var verdict) -> new Step.Refuse(Refusal.of(verdict));
            case DirectoryListing.Outcome.Elsewhere(var location) ->
                new Step.Refuse(new Refusal(302, "Location", location, "It is a directory: " + location));
            case DirectoryListing.Outcome.Failed(var status) ->
                status == 400 ? new Step.Refuse(400) : unavailable(status);
        };
    }

    private Step refuse(Step.Refuse refuse) {
        handling = "refused";
        told = null;
        Site site = visit.siteIfKnown();
        if (site == null) {
            accelerator.unroutable();
        } else {
            fetches.counts(site).refusals.increment();
        }
        Refusal refusal = refuse.refusal();
        accelerator.refuse(exchange, refusal.status(), refusal.field(), refusal.value(), refusal.text());
        return DONE;
    }
}
