package jarrah.accelerator;

import jarrah.accelerator.access.SignedUrl;
import jarrah.accelerator.origin.ForwardedFields;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.origin.SignedReads;
import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.CacheStatus.Forward;
import jarrah.accelerator.rules.Conditional;
import jarrah.accelerator.rules.Freshness;
import jarrah.accelerator.rules.RequestFacts;
import jarrah.accelerator.site.AccessRules;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.PathRules;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Target;
import jarrah.accelerator.site.Verdict;
import jarrah.accelerator.store.Entry;
import jarrah.accelerator.store.Generations;
import jarrah.accelerator.store.Prepared;
import jarrah.http.ByteRange;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.RequestHead;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request, step by step: the event loop takes the first steps and answers if it can do so without waiting, else a
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

        /** Waits for a fetch, and answers with what it brings. */
        record Await(Miss miss, Fetch.Ticket ticket) implements Step {}

        /** Has the origin answer this request alone. */
        record Pass(Forward why) implements Step {}

        /**
         * Answers with an error of our own.
         *
         * @param text for people, one line; null for that of the status
         */
        record Refuse(
                int status,
                String field,
                String value,
                @Nullable String text) implements Step {
            Refuse(int status, String field, String value) {
                this(status, field, value, null);
            }

            Refuse(int status) {
                this(status, "", "");
            }
        }

        /** Over. */
        record Done() implements Step {}
    }

    private static final Step LOOKUP = new Step.Lookup();
    private static final Step DONE = new Step.Done();

    private final Accelerator accelerator;
    private final Served served;
    private final Fetches fetches;
    private final Exchange exchange;
    private RequestHead request;
    private RequestFacts facts;
    private @Nullable Site site;
    private @Nullable CacheKey key;
    private @Nullable Target target;
    private @Nullable String told;
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
        this.request = exchange.request();
        this.facts = RequestFacts.of(request);
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
            case Step.Judge _, Step.Lookup _, Step.Watch _, Step.Miss _, Step.Await _, Step.Pass _, Step.Done _ ->
                false;
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
                case Step.Miss miss -> miss(miss);
                case Step.Await(var miss, var ticket) -> await(miss, ticket);
                case Step.Pass(var why) -> pass(why);
                case Step.Refuse refuse -> refuse(refuse);
                case Step.Done done -> done;
            };
        }
    }

    /** Which site it is for, and whether it may be answered at all. */
    private Step receive(boolean mayWait) {
        target = Target.parse(request.target());
        if (target == null) {
            return new Step.Refuse(400);
        }
        String host = target.authority() == null ? facts.host() : target.authority();
        site = served.sites().find(host, target);
        if (site == null) {
            return new Step.Refuse(404);
        }
        if (!site.allowsMethod(request.method())) {
            return new Step.Refuse(
                    405,
                    "Allow",
                    String.join(", ", site.methods().stream().sorted().toList()));
        }
        SignedUrl signature = site.access().takeSignedUrls() ? SignedUrl.parse(target.query()) : null;
        if (signature != null) {
            target = target.withQuery(signature.rest());
        }
        Site.Locator located = site.locate(target);
        if (!site.access().isOpen()) {
            Step refusal = admit(site, target, signature, located, mayWait);
            if (refusal != null) {
                return refusal;
            }
        }
        if (located.redirect()) {
            String query = target.query() == null ? "" : "?" + target.query();
            return new Step.Refuse(301, "Location", target.rawPath() + "/" + query);
        }
        key = located.key();
        if (key == null) {
            return new Step.Refuse(site.origin() instanceof SiteOrigin.Objects ? 404 : 400);
        }
        boolean cacheable = (facts.isGet() || facts.isHead()) && !facts.hasBody();
        return cacheable ? LOOKUP : new Step.Pass(Forward.METHOD);
    }

    /** What the rules of access say, if that is not yes; a credential that they took is no longer part of the request. */
    private @Nullable Step admit(
            Site site, Target target, @Nullable SignedUrl signature, Site.Locator located, boolean mayWait) {
        InetAddress client = ClientAddress.of(request, served.config().trustedProxies());
        if (client == null) {
            return new Step.Refuse(400);
        }
        var asked = new AccessRules.Asked(
                client,
                new SignedUrl.Subject(
                        site.name(),
                        request.method(),
                        site.cache().ignoreQuery() ? null : target.query(),
                        target.path()),
                signature,
                located.path(),
                located.rest(),
                facts.authorization() ? request.headers().first("Authorization") : null,
                accelerator.clock().millis(),
                mayWait ? () -> SignedReads.judge(accelerator.buckets(), request, client, located.key(), site) : null);
        return switch (site.access().judge(asked)) {
            case Verdict.Allowed(var taken) -> {
                if (taken == Verdict.Taken.AUTHORIZATION) {
                    request = new RequestHead(
                            request.method(),
                            request.target(),
                            request.headers().copy().remove("Authorization"),
                            request.remote(),
                            request.local(),
                            request.secure());
                    facts = RequestFacts.of(request);
                }
                yield null;
            }
            case Verdict.Denied(var status, var challenge, var text) ->
                new Step.Refuse(
                        status, challenge == null ? "" : "WWW-Authenticate", challenge == null ? "" : challenge, text);
            case Verdict.Later _ -> new Step.Judge();
        };
    }

    /** The site of the request, once its first step was taken; null if it has none. */
    @Nullable
    Site siteIfKnown() {
        return site;
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
        return Objects.requireNonNull(site);
    }

    private CacheKey key() {
        return Objects.requireNonNull(key);
    }

    /** A client's Authorization is for the origin to judge; a bucket is read in a name of the site's own. */
    private boolean authorized() {
        return facts.authorization() && site().origin() instanceof SiteOrigin.Http;
    }

    private Step lookup() {
        lookups++;
        List<Entry> entries = fetches.store().find(key());
        seen = entries;
        if (entries.isEmpty()) {
            return unstored(Forward.URI_MISS);
        }
        for (Entry entry : entries) {
            if (entry.head().vary().matches(request.headers())) {
                Prepared prepared = entry.prepared(site());
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
        if (facts.directives().has("only-if-cached")) {
            return new Step.Refuse(504);
        }
        boolean alone = authorized()
                || lookups >= MAX_LOOKUPS
                || facts.directives().has("no-store")
                || fetches.marks().marked(key(), accelerator.clock().millis());
        return new Step.Miss(why, null, null, alone);
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
        return switch (Freshness.judge(prepared.life(), responseMillis, facts.directives(), now)) {
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
        if (facts.directives().has("only-if-cached")) {
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
        var watched = new Entry(key(), entry.head(), entry.content(), now);
        if (!fetches.store().put(watched)) {
            now.close();
        }
        return LOOKUP;
    }

    /**
     * Turns to what is served in place of an answer with that status; null if nothing is. A bucket whose objects cannot be
     * listed answers 403 for what is missing.
     */
    private @Nullable Step instead(int status) {
        if (instead || status < 400 || status == 416) {
            return null;
        }
        PathRules paths = site().paths();
        boolean missing = status == 404 || status == 403;
        CacheKey fallback = missing ? site().sibling(paths.fallback()) : null;
        CacheKey other = fallback == null ? site().sibling(paths.errorPage()) : fallback;
        if (other == null) {
            return null;
        }
        instead = true;
        insteadStatus = fallback == null ? status : 200;
        key = other;
        lookups = 0;
        return LOOKUP;
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
        if (facts.conditional()
                && entry.generations() == null
                && Conditional.evaluate(facts, status, fields, responseMillis) == Conditional.PRECONDITION_FAILED) {
            return null; // RFC 9110, 13.1.1: it is the origin's representation that counts, not our copy
        }
        return Answer.of(facts, status, fields, entry.content().length(), responseMillis, true);
    }

    private boolean hitNow(Step.Hit hit) {
        Answer answer = answer(hit);
        if (answer == null
                || !Delivery.now(exchange, facts.isHead(), answer, hit.entry().content())) {
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
        if (Delivery.stored(exchange, facts.isHead(), answer, hit.entry(), fetches.store())) {
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
            fetches.refresh(wanted(hit.entry(), request.headers().copy()));
        }
    }

    private Fetches.Wanted wanted(@Nullable Entry stale, Headers headers) {
        return new Fetches.Wanted(
                site(),
                served.origin(site()),
                key(),
                originTarget(),
                headers,
                facts.asked(site().origin() instanceof SiteOrigin.Http),
                stale,
                seen,
                exchange::interim);
    }

    private String originTarget() {
        Target sent = Objects.requireNonNull(target);
        String query = key().query();
        return query == null ? sent.rawPath() : sent.rawPath() + "?" + query;
    }

    private Step miss(Step.Miss miss) {
        // What may have to be served in place of an error must be known before anything is sent.
        boolean direct = miss.stale() == null && !site().paths().substitutes();
        if (direct && facts.isHead()) {
            return new Step.Pass(miss.why()); // a body that nobody wants is not fetched
        }
        if (direct && facts.range() != null && isFar(facts.range())) {
            return new Step.Pass(miss.why());
        }
        Fetches.Wanted wanted = wanted(miss.stale(), request.headers());
        Fetch.Ticket ticket = miss.alone() ? fetches.alone(wanted) : fetches.join(wanted);
        return ticket == null ? LOOKUP : new Step.Await(miss, ticket);
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
            case Fetch.Outcome.Arriving arriving -> {
                try {
                    Step other = instead(arriving.head().status());
                    if (other != null) {
                        yield other;
                    }
                    deliver(miss, ticket, arriving);
                    yield DONE;
                } finally {
                    arriving.reader().close();
                }
            }
            case Fetch.Outcome.Renewed(var entry) -> renewed(miss, ticket, entry);
            case Fetch.Outcome.Retry _ -> LOOKUP;
            case Fetch.Outcome.Failed(var status) -> {
                Step.Hit onError = miss.onError();
                yield onError == null ? unavailable(status) : onError;
            }
        };
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
        Answer answer = Answer.of(facts, statusOf(status), fields, arriving.length(), responseMillis, false);
        Delivery.arriving(exchange, facts.isHead(), answer, arriving.reader());
    }

    private static Step unavailable(int status) {
        return new Step.Refuse(status, "Retry-After", RETRY_AFTER_SECONDS);
    }

    private Step pass(Forward why) throws IOException {
        boolean trusted = ClientAddress.trusts(
                served.config().trustedProxies(), request.remote().getAddress());
        boolean shareable =
                facts.isGet() && !authorized() && !facts.directives().has("no-store");
        Headers fields = ForwardedFields.passed(request, trusted);
        var pass = new Pass(
                accelerator,
                exchange,
                site(),
                served.origin(site()),
                why,
                shareable ? wanted(null, request.headers().copy()) : null);
        var asked = new Origin.Asked(
                request.method(), key(), originTarget(), fields, facts.hasBody() ? exchange.body() : null);
        handling = "pass";
        int failed;
        try {
            failed = pass.run(asked);
        } finally {
            told = pass.told();
        }
        return failed == 0 ? DONE : unavailable(failed);
    }

    private Step refuse(Step.Refuse refuse) {
        handling = "refused";
        told = null;
        if (site == null) {
            accelerator.unroutable();
        } else {
            fetches.counts(site).refusals.increment();
        }
        accelerator.refuse(exchange, refuse.status(), refuse.field(), refuse.value(), refuse.text());
        return DONE;
    }
}
