package jarrah.accelerator.site;

import jarrah.accelerator.access.SignedUrl;
import jarrah.accelerator.access.SigningKeys;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Makes signed URLs for sites, with the keys of their rules. */
public final class LinkSigner {
    private LinkSigner() {}

    /**
     * Signs a URL.
     *
     * @param url absolute, percent-encoded; a signature that it has is replaced
     * @param siteName null for the site that answers this URL
     * @param keyId null for the first key of the site's first rule about signed URLs
     * @param method GET for reading
     * @param expires when it ends; whole seconds count
     * @throws IllegalArgumentException with one line of reason if it cannot be signed
     */
    public static String sign(
            Sites sites,
            String url,
            @Nullable String siteName,
            @Nullable String keyId,
            String method,
            Instant expires) {
        if (url.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '#')) {
            throw new IllegalArgumentException("the URL is to be percent-encoded, without a fragment");
        }
        Target target = Target.parse(url);
        if (target == null || target.authority() == null || !target.utf8()) {
            throw new IllegalArgumentException("`" + url + "` is no URL such as http://files.example.com/tools/a.zip");
        }
        Site site = siteName == null
                ? sites.find(target.authority(), target)
                : sites.named(siteName).orElse(null);
        if (site == null) {
            throw new IllegalArgumentException(
                    siteName == null ? "no site has this URL" : "no site `" + siteName + "`");
        }
        SigningKeys keys = keys(site, keyId);
        SignedUrl before = SignedUrl.parse(target.query());
        String query = before == null ? target.query() : before.rest();
        var subject =
                new SignedUrl.Subject(site.name(), method, site.cache().query().of(query), target.path());
        String id = keyId == null ? keys.byId().keySet().iterator().next() : keyId;
        int mark = url.indexOf('?');
        return (mark < 0 ? url : url.substring(0, mark)) + "?" + (query == null ? "" : query + "&")
                + SignedUrl.parameters(keys, id, expires.getEpochSecond(), subject);
    }

    private static SigningKeys keys(Site site, @Nullable String keyId) {
        boolean any = false;
        for (AccessRules.Rule rule : site.access().rules()) {
            if (rule.who() instanceof Who.Signed(var source)) {
                any = true;
                SigningKeys keys = source.get(true);
                if (keys != null
                        && (keyId == null ? !keys.byId().isEmpty() : keys.byId().containsKey(keyId))) {
                    return keys;
                }
            }
        }
        throw new IllegalArgumentException(
                any ? "site `" + site.name() + "` has no such key" : "site `" + site.name() + "` takes no signed URLs");
    }
}
