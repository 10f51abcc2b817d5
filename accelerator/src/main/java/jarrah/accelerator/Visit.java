package jarrah.accelerator;

import jarrah.accelerator.access.SignedUrl;
import jarrah.accelerator.origin.SignedReads;
import jarrah.accelerator.rules.Compression;
import jarrah.accelerator.rules.RequestFacts;
import jarrah.accelerator.site.AccessRules;
import jarrah.accelerator.site.CacheKey;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Target;
import jarrah.accelerator.site.Verdict;
import jarrah.http.Exchange;
import jarrah.http.Headers;
import jarrah.http.RequestHead;
import java.net.InetAddress;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request at the door: which site it is for, whether it is let in, and what of it counts from there on. Owned by one
 * thread.
 */
final class Visit {
    /** What is to be done with it. */
    sealed interface Next {
        /** To be answered from the store if that can be. */
        record Lookup() implements Next {}

        /** For the origin to answer. */
        record Pass() implements Next {}

        /** For the names of a directory. */
        record Directory() implements Next {}

        /** Whether it is let in can be said only with waiting. */
        record Judge() implements Next {}

        /** It is not answered, or by a redirection. */
        record Refused(Refusal refusal) implements Next {}
    }

    private final Accelerator accelerator;
    private final Served served;
    private final Exchange exchange;
    private RequestHead request;
    private RequestFacts facts;
    private @Nullable Site site;
    private @Nullable CacheKey key;
    private @Nullable Target target;
    private @Nullable SignedUrl signature;
    private Site.@Nullable Locator located;
    private boolean rated;
    private boolean compressed;

    Visit(Accelerator accelerator, Exchange exchange) {
        this.accelerator = accelerator;
        this.served = accelerator.served();
        this.exchange = exchange;
        this.request = exchange.request();
        this.facts = RequestFacts.of(request);
    }

    /** Which site it is for, and whether it may be answered at all. */
    Next receive(boolean mayWait) {
        target = Target.parse(request.target());
        if (target == null) {
            return refused(400);
        }
        String host = target.authority() == null ? facts.host() : target.authority();
        site = served.sites().find(host, target);
        if (site == null) {
            return refused(404);
        }
        // Once for each request: the event loop has seen all of them first but those with a body.
        if (!rated && (!mayWait || facts.hasBody())) {
            rated = true;
            Fetches fetches = accelerator.fetches();
            if (!fetches.limits().admits(site, accelerator.clock().millis())) {
                fetches.counts(site).limited.increment();
                return new Next.Refused(new Refusal(429, "Retry-After", "1", null));
            }
        }
        if (!site.allowsMethod(request.method())) {
            String allowed = String.join(", ", site.methods().stream().sorted().toList());
            return new Next.Refused(new Refusal(405, "Allow", allowed, null));
        }
        signature = site.access().takeSignedUrls() ? SignedUrl.parse(target.query()) : null;
        if (signature != null) {
            target = target.withQuery(signature.rest());
        }
        Site.Locator found = site.locate(target);
        located = found;
        if (!site.access().isOpen()) {
            Next refusal = admit(found, mayWait);
            if (refusal != null) {
                // Who asks for what is not there may see the names beside it all the same.
                boolean nothing = refusal instanceof Next.Refused(var why) && why.status() == 404;
                return nothing && found.directory() != null ? new Next.Directory() : refusal;
            }
        }
        if (found.redirect()) {
            String query = target.query() == null ? "" : "?" + target.query();
            return new Next.Refused(new Refusal(301, "Location", target.rawPath() + "/" + query, null));
        }
        key = found.key();
        if (key == null) {
            return found.directory() != null
                    ? new Next.Directory()
                    : refused(site.origin() instanceof SiteOrigin.Objects ? 404 : 400);
        }
        if ((!facts.isGet() && !facts.isHead()) || facts.hasBody()) {
            return new Next.Pass();
        }
        if (site.compress()) {
            chooseCoding();
        }
        return new Next.Lookup();
    }

    private static Next refused(int status) {
        return new Next.Refused(new Refusal(status));
    }

    /** The request as if the client had sent those fields. */
    private void take(Headers fields) {
        request = new RequestHead(
                request.method(), request.target(), fields, request.remote(), request.local(), request.secure());
        facts = RequestFacts.of(request);
    }

    /** Brings Accept-Encoding down to the two values that variants are told apart by, see {@link Compression}. */
    private void chooseCoding() {
        if (Compression.isRangeAmbiguous(facts)) {
            take(request.headers().copy().remove("Range").remove("If-Range"));
        }
        String accepted = request.headers().joined("Accept-Encoding");
        boolean gzip = Compression.isWanted(facts, accepted);
        if (gzip ? !Compression.GZIP.equals(accepted) : accepted != null) {
            Headers fields = request.headers().copy().remove("Accept-Encoding");
            take(gzip ? fields.add("Accept-Encoding", Compression.GZIP) : fields);
        }
        compressed = gzip;
    }

    /** What the rules of access say, if that is not yes; a credential that they took is no longer part of the request. */
    private @Nullable Next admit(Site.Locator found, boolean mayWait) {
        InetAddress client = ClientAddress.of(request, served.config().trustedProxies());
        if (client == null) {
            return refused(400);
        }
        Supplier<Verdict> signer = () -> SignedReads.judge(accelerator.buckets(), request, client, found.key(), site());
        var asked = asked(client, found.path(), found.rest(), mayWait ? signer : null);
        return switch (site().access().judge(asked)) {
            case Verdict.Allowed(var taken) -> {
                if (taken == Verdict.Taken.AUTHORIZATION) {
                    take(request.headers().copy().remove("Authorization"));
                }
                yield null;
            }
            case Verdict.Denied denied -> new Next.Refused(Refusal.of(denied));
            case Verdict.Later _ -> new Next.Judge();
        };
    }

    /**
     * The request as the rules of access see it.
     *
     * @param path that is judged
     * @param rest what of it lies under the site's path
     * @param signer judges a signature of version 4, and may wait; null if nothing may wait
     */
    private AccessRules.Asked asked(InetAddress client, String path, String rest, @Nullable Supplier<Verdict> signer) {
        return new AccessRules.Asked(
                client,
                new SignedUrl.Subject(
                        site().name(), request.method(), site().cache().query().of(target().query()), target().path()),
                signature,
                path,
                rest,
                exchange.request().headers().first("Authorization"),
                accelerator.clock().millis(),
                signer);
    }

    /**
     * The names of the directory that the request is for, to be sent; null if it does not say where it comes from.
     *
     * @param directory that {@link #directory} told
     */
    @Nullable
    DirectoryListing listing(String directory) {
        AccessRules.Asked asked = null;
        RequestHead sent = exchange.request();
        if (!site().access().isOpen()) {
            InetAddress client = ClientAddress.of(sent, served.config().trustedProxies());
            if (client == null) {
                return null;
            }
            String prefix = ((SiteOrigin.Objects) site().origin()).prefix() + directory;
            asked = asked(
                    client,
                    site().path() + directory,
                    directory,
                    () -> SignedReads.judgeListing(accelerator.buckets(), sent, client, prefix, site()));
        }
        return new DirectoryListing(
                accelerator,
                exchange,
                site(),
                served.origin(site()),
                target(),
                directory,
                asked,
                signature == null ? "" : signature.asSent());
    }

    /** The directory that the request is for if there is no object; null for none. */
    @Nullable
    String directory() {
        return located == null ? null : located.directory();
    }

    /** Null before it was received, or if there is none for it. */
    @Nullable
    Site siteIfKnown() {
        return site;
    }

    Site site() {
        return Objects.requireNonNull(site);
    }

    Target target() {
        return Objects.requireNonNull(target);
    }

    /** What it is for. */
    CacheKey key() {
        return Objects.requireNonNull(key);
    }

    /** The request as far as it counts: without credentials that the site's rules took. */
    RequestHead request() {
        return request;
    }

    RequestFacts facts() {
        return facts;
    }

    /** Whether the client is to have the compressed variant, if there is one. */
    boolean compressed() {
        return compressed;
    }
}
