package jarrah.accelerator;

import jarrah.accelerator.origin.BucketListing;
import jarrah.accelerator.origin.Origin;
import jarrah.accelerator.origin.OriginException;
import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.site.AccessRules;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Target;
import jarrah.accelerator.site.Verdict;
import jarrah.accelerator.store.Prepared;
import jarrah.http.Body;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.PercentCoding;
import jarrah.http.QueryParameters;
import jarrah.http.ResponseHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A request for the names of a directory. The bucket is asked each time, so that a page is never older than the request;
 * the rules of access are judged on the directory, and on each name. Owned by the request's thread.
 *
 * @param asked the request as the rules of access see it, with the path of the directory; null if everyone may have everything
 * @param directory what of its path lies under the site's path
 * @param signature parameters of the query that let the client in, to be kept in links to further pages; empty for none
 */
record DirectoryListing(
        Accelerator accelerator,
        Exchange exchange,
        Site site,
        Origin origin,
        Target target,
        String directory,
        AccessRules.@Nullable Asked asked,
        String signature) {
    static final String CACHE_STATUS = CacheStatus.forwarded(CacheStatus.Forward.BYPASS, 200, 200, false, false);

    private static final String TOKEN = "continuation-token";

    /** What became of it. */
    sealed interface Outcome {
        /** Answered. */
        record Sent() implements Outcome {}

        /** There is no such directory, or the bucket does not tell: the status that says so. */
        record Nothing(int status) implements Outcome {}

        /** The rules of access do not let the client see it. */
        record Denied(Verdict.Denied verdict) implements Outcome {}

        /** It has another path: a reference to it. */
        record Elsewhere(String location) implements Outcome {}

        /** It cannot be told: an error of the client's, or of the origin. */
        record Failed(int status) implements Outcome {}
    }

    Outcome run() throws IOException {
        String path = target.path();
        boolean unslashed = !path.endsWith("/");
        if (asked != null && site.access().judge(asked) instanceof Verdict.Denied denied) {
            return unslashed ? new Outcome.Nothing(404) : new Outcome.Denied(denied);
        }
        String prefix = ((SiteOrigin.Objects) site.origin()).prefix() + directory;
        String token = unslashed ? null : token();
        BucketListing listing;
        SiteCounts counts = accelerator.fetches().counts(site);
        SiteLimits.Place place = accelerator.fetches().limits().begin(site);
        if (place == null) {
            counts.limited.increment();
            return new Outcome.Failed(503);
        }
        try (place) {
            counts.fetches.increment();
            listing = origin.list(prefix, token, unslashed ? 1 : BucketListing.MOST_NAMES);
        } catch (OriginException e) {
            counts.fetchFailures.increment();
            return new Outcome.Failed(e.kind().status());
        }
        return switch (listing.status()) {
            case 200 -> told(listing, prefix, token, unslashed);
            case 401, 403 -> new Outcome.Nothing(403);
            case 404 -> new Outcome.Nothing(404);
            case 400 -> new Outcome.Failed(token == null ? 502 : 400);
            default -> new Outcome.Failed(502);
        };
    }

    private @Nullable String token() {
        return QueryParameters.parse(target.query(), QueryParameters.Plus.LITERAL)
                .map(query -> query.first(TOKEN))
                .orElse(null);
    }

    private Outcome told(BucketListing listing, String prefix, @Nullable String token, boolean unslashed) {
        boolean root = directory.isEmpty();
        if (listing.isEmpty() && token == null && !root) {
            return new Outcome.Nothing(404);
        }
        if (unslashed || target.rawPath().toLowerCase(Locale.ROOT).contains("%2f")) {
            return new Outcome.Elsewhere(location(unslashed)); // else relative links would lead astray
        }
        List<DirectoryPage.Name> names = names(listing, prefix);
        if (names.isEmpty() && listing.next() == null && token == null && !root) {
            boolean placeholder = listing.objects().size() == 1
                    && listing.objects().getFirst().key().equals(prefix)
                    && listing.directories().isEmpty();
            if (!placeholder) {
                return new Outcome.Nothing(404); // nothing of it is for this client
            }
        }
        String below = target.path().substring(site.path().length());
        int depth = (int) below.chars().filter(c -> c == '/').count();
        String next = listing.next();
        send(new DirectoryPage(
                target.path(),
                depth,
                names,
                next == null
                        ? null
                        : "?" + (signature.isEmpty() ? "" : signature + "&") + TOKEN + "="
                                + PercentCoding.encode(next)));
        return new Outcome.Sent();
    }

    /** The path in its one spelling; two slashes in front would name a host. */
    private String location(boolean unslashed) {
        String path = PercentCoding.encodePath(target.path()) + (unslashed ? "/" : "");
        return (path.startsWith("//") ? "/." : "") + path + (target.query() == null ? "" : "?" + target.query());
    }

    private List<DirectoryPage.Name> names(BucketListing listing, String prefix) {
        BiPredicate<String, String> sight =
                asked == null ? (_, _) -> true : site.access().sight(asked);
        var names = new ArrayList<DirectoryPage.Name>();
        for (String key : listing.directories()) {
            String rest = directory + key.substring(prefix.length());
            if (sight.test(site.path() + rest, rest)) {
                String name = key.substring(prefix.length(), key.length() - 1);
                names.add(new DirectoryPage.Name(name, true, 0, null));
            }
        }
        for (BucketListing.Item object : listing.objects()) {
            String name = object.key().substring(prefix.length());
            String rest = directory + name;
            // A key that ends where the directory begins is a placeholder of those who make directories.
            if (!name.isEmpty() && sight.test(site.path() + rest, rest)) {
                names.add(new DirectoryPage.Name(name, false, object.size(), object.modified()));
            }
        }
        return names;
    }

    private void send(DirectoryPage page) {
        boolean json = DirectoryPage.wantsJson(exchange.request().headers().joined("Accept"));
        Headers fields = Headers.of(
                "Content-Type",
                json ? DirectoryPage.JSON : DirectoryPage.HTML,
                "Cache-Control",
                "private, no-cache",
                "Vary",
                "Accept",
                "X-Content-Type-Options",
                "nosniff");
        if (!json) {
            fields.add("Content-Security-Policy", DirectoryPage.CONTENT_SECURITY_POLICY);
        }
        if (page.next() != null) {
            fields.add("Link", "<" + page.next() + ">; rel=\"next\"");
        }
        byte[] body = (json ? page.json() : page.html()).getBytes(StandardCharsets.UTF_8);
        boolean headOnly = exchange.request().method().equals("HEAD");
        var head = new ResponseHead(
                200, Prepared.fields(site, fields, accelerator.clock().millis()).add("Cache-Status", CACHE_STATUS));
        exchange.send(head, headOnly ? new Body.LengthOnly(body.length) : Body.of(body));
    }
}
