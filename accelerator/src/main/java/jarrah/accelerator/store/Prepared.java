package jarrah.accelerator.store;

import jarrah.accelerator.rules.CacheStatus;
import jarrah.accelerator.rules.Compression;
import jarrah.accelerator.rules.Lifetime;
import jarrah.accelerator.rules.ResponseDirectives;
import jarrah.accelerator.rules.Storability;
import jarrah.accelerator.site.Site;
import jarrah.http.Headers;
import jarrah.http.HttpDate;
import java.time.Instant;

/**
 * What a stored head comes to under a site's settings, worked out once: a hit then copies a list and adds two fields.
 *
 * @param site the settings
 * @param life how long it may be used
 * @param fields as sent, without Age and our Cache-Status; not to be changed
 * @param sharedWithAuthorization whether it may answer a request with Authorization (RFC 9111, 3.5)
 * @param compressible whether it was stored whole when the site did not compress yet, and has no variant that is
 */
public record Prepared(
        Site site, Lifetime life, Headers fields, boolean sharedWithAuthorization, boolean compressible) {
    /** @param length of the body, bytes */
    public static Prepared of(Site site, StoredHead head, long length) {
        ResponseDirectives directives = ResponseDirectives.of(head.headers());
        Lifetime life = Lifetime.of(
                head.status(), head.headers(), directives, site.cache(), head.requestMillis(), head.responseMillis());
        Headers fields = fields(site, head.headers(), head.responseMillis()).remove("Age");
        boolean compressed = site.compress() && Compression.isEncoded(head.headers());
        if (head.status() == 200 && !fields.contains("Accept-Ranges") && !compressed) {
            fields.add("Accept-Ranges", "bytes"); // we can cut a stored body, whatever the origin can
        }
        boolean compressible = site.compress()
                && !head.vary().names().contains("accept-encoding")
                && Compression.applies(head.status(), head.headers(), directives.control(), length);
        if (compressible) {
            Compression.vary(fields);
        }
        return new Prepared(site, life, fields, Storability.allowsAuthorization(directives), compressible);
    }

    /** The fields of an answer of that site as a client gets them, with Via (RFC 9110, 7.6.3) and Date (6.6.1). */
    public static Headers fields(Site site, Headers answer, long responseMillis) {
        Headers fields = answer.copy();
        site.headers().apply(fields);
        if (!fields.contains("Date")) {
            fields.add("Date", HttpDate.format(Instant.ofEpochMilli(responseMillis)));
        }
        return fields.add("Via", "1.1 " + CacheStatus.NAME);
    }
}
