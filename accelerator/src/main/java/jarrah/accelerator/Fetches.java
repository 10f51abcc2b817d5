package jarrah.accelerator;

import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.rules.Storability;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.Sites;
import jarrah.accelerator.store.CacheStore;
import jarrah.accelerator.store.Entry;
import jarrah.http.ByteRange;
import jarrah.http.Headers;
import jarrah.http.HttpClient;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The fetches under way: one for each key and variant, however many requests wait. */
final class Fetches {
    /** After a refresh behind a client's back has failed, the next is not tried for that long. */
    private static final long REFRESH_PAUSE_MILLIS = 1_000;

    private final CacheStore store;
    private final Clock clock;
    private final HitForMiss marks = new HitForMiss();
    private final HitForMiss indivisible = new HitForMiss();
    private final HitForMiss rangeless = new HitForMiss();
    private final SiteLimits limits = new SiteLimits();
    private final Function<Site, SiteCounts> counts;
    private final ConcurrentHashMap<CacheKey, List<Fetch>> underWay = new ConcurrentHashMap<>();
    private final Set<CacheKey> refreshing = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<CacheKey, Long> pausedUntil = new ConcurrentHashMap<>();
    private final AtomicInteger running = new AtomicInteger();

    Fetches(CacheStore store, Clock clock, Function<Site, SiteCounts> counts) {
        this.store = store;
        this.clock = clock;
        this.counts = counts;
    }

    /**
     * What is to be fetched, and for whom.
     *
     * @param origin the site's
     * @param target path and query for the origin
     * @param headers the request's fields; kept until the fetch ends
     * @param stale what is stored under the key and fits the request; null if nothing does
     * @param seen all that was stored under the key when the request looked
     * @param part the range to be fetched; null for the whole. What comes may be the whole, or an error, nevertheless
     * @param interim takes interim responses, for as long as the request has no answer
     */
    record Wanted(
            Site site,
            Origin origin,
            CacheKey key,
            String target,
            Headers headers,
            Storability.Asked asked,
            @Nullable Entry stale,
            List<Entry> seen,
            ByteRange.@Nullable Spec part,
            HttpClient.Interim interim) {}

    CacheStore store() {
        return store;
    }

    Clock clock() {
        return clock;
    }

    HitForMiss marks() {
        return marks;
    }

    /** Keys of which no parts can be had, or none that may be stored. */
    HitForMiss indivisible() {
        return indivisible;
    }

    /** Of these, the keys whose origin answers a range with the whole, which may be small enough to be stored. */
    HitForMiss rangeless() {
        return rangeless;
    }

    SiteLimits limits() {
        return limits;
    }

    SiteCounts counts(Site site) {
        return counts.apply(site);
    }

    int running() {
        return running.get();
    }

    /**
     * Joins a fetch that suits the request, or begins one; null if the store has changed since the request looked: a fetch
     * that ended in between has brought what it wants.
     */
    Fetch.@Nullable Ticket join(Wanted wanted) {
        List<Entry> stored = store.find(wanted.key());
        List<String> known =
                stored.isEmpty() ? List.of() : stored.getFirst().head().vary().names();
        var tickets = new ArrayList<Fetch.Ticket>(1);
        var begun = new ArrayList<Fetch>(1);
        underWay.compute(wanted.key(), (key, list) -> {
            for (Fetch fetch : list == null ? List.<Fetch>of() : list) {
                Fetch.Ticket ticket = fetch.join(wanted.headers(), wanted.part(), known);
                if (ticket != null) {
                    tickets.add(ticket);
                    return list;
                }
            }
            // Looked up again while the key is held here: a fetch stores before it leaves the list.
            if (!bearing(store.find(key), wanted.part()).equals(bearing(wanted.seen(), wanted.part()))) {
                return list;
            }
            Fetch fetch = fetch(wanted, false);
            tickets.add(fetch.lead());
            begun.add(fetch);
            return with(list, fetch);
        });
        begun.forEach(this::start);
        return tickets.isEmpty() ? null : tickets.getFirst();
    }

    /** Of the entries those that a fetch of the whole is about; of a part, all. */
    private static List<Entry> bearing(List<Entry> entries, ByteRange.@Nullable Spec part) {
        return part == null
                ? entries.stream().filter(entry -> entry.segment() == null).toList()
                : entries;
    }

    /** Begins a fetch for that request alone. */
    Fetch.Ticket alone(Wanted wanted) {
        Fetch fetch = fetch(wanted, true);
        Fetch.Ticket ticket = fetch.lead();
        underWay.compute(wanted.key(), (key, list) -> with(list, fetch));
        start(fetch);
        return ticket;
    }

    /** Fetches behind the client's back, unless that is being done or has just failed. Does not wait. */
    void refresh(Wanted wanted) {
        Long pause = pausedUntil.get(wanted.key());
        if ((pause != null && pause > clock.millis()) || !refreshing.add(wanted.key())) {
            return;
        }
        Thread.ofVirtual().name("refresh").start(() -> {
            try {
                Fetch.Ticket ticket = join(wanted);
                switch (ticket == null ? new Fetch.Outcome.Retry() : ticket.await(Serve.PATIENCE_MILLIS)) {
                    case Fetch.Outcome.Arriving arriving -> arriving.reader().close();
                    case Fetch.Outcome.Failed _ -> pause(wanted.key());
                    case Fetch.Outcome.Renewed _, Fetch.Outcome.Retry _ -> {}
                }
            } finally {
                refreshing.remove(wanted.key());
            }
        });
    }

    private void pause(CacheKey key) {
        long now = clock.millis();
        pausedUntil.values().removeIf(end -> end <= now);
        pausedUntil.put(key, now + REFRESH_PAUSE_MILLIS);
    }

    private Fetch fetch(Wanted wanted, boolean solo) {
        return new Fetch(
                this,
                wanted.site(),
                wanted.origin(),
                wanted.key(),
                wanted.target(),
                wanted.headers().copy(),
                wanted.asked(),
                wanted.stale(),
                wanted.part(),
                solo,
                wanted.interim());
    }

    private static List<Fetch> with(@Nullable List<Fetch> list, Fetch fetch) {
        var longer = new ArrayList<Fetch>(list == null ? List.of() : list);
        longer.add(fetch);
        return longer;
    }

    private void start(Fetch fetch) {
        running.incrementAndGet();
        Thread.ofVirtual().name("fetch").start(fetch::run);
    }

    void ended(Fetch fetch) {
        running.decrementAndGet();
        underWay.computeIfPresent(fetch.key(), (key, list) -> {
            List<Fetch> rest = list.stream().filter(other -> other != fetch).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    /** Removes what is stored under a key, and keeps what is being fetched from being stored. Returns what was removed. */
    int invalidate(CacheKey key) {
        for (Fetch fetch : underWay.getOrDefault(key, List.of())) {
            fetch.doom();
        }
        marks.clear(key);
        indivisible.clear(key);
        rangeless.clear(key);
        return store.remove(key);
    }

    /**
     * Removes what is stored and matches, and keeps what is being fetched from being stored if it might.
     *
     * @param mayMatch whether the answer that is being fetched for a key may be one of them
     * @return what was removed
     */
    int removeIf(Predicate<CacheKey> mayMatch, Predicate<Entry> matches) {
        doomIf(mayMatch);
        return store.removeIf(entry -> mayMatch.test(entry.key()) && matches.test(entry));
    }

    /**
     * As {@link #removeIf}, but what matches is only made stale as of now. What a generation vouches for is removed: of
     * that nothing is served stale.
     *
     * @return how many matched
     */
    int expireIf(Sites sites, Predicate<CacheKey> mayMatch, Predicate<Entry> matches) {
        doomIf(mayMatch);
        long now = clock.millis();
        var expired = new ArrayList<Entry>();
        store.forEach(entry -> {
            if (mayMatch.test(entry.key()) && matches.test(entry)) {
                expired.add(entry);
            }
        });
        for (Entry entry : expired) {
            Site site = sites.named(entry.key().site()).orElse(null);
            if (entry.generations() != null || site == null) {
                store.remove(entry);
            } else {
                store.put(entry.expired(site, now));
            }
        }
        return expired.size();
    }

    private void doomIf(Predicate<CacheKey> mayMatch) {
        underWay.forEach((key, list) -> {
            if (mayMatch.test(key)) {
                list.forEach(Fetch::doom);
            }
        });
    }
}
