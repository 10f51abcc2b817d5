package jarrah.accelerator.config;

import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.Sites;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An authority that gives certificates by ACME (RFC 8555).
 *
 * @param directory where it tells its services, https
 * @param names what certificates are for, one for each; DNS names in lower case, at least one
 * @param contacts mail addresses for the authority's notices
 * @param authorities PEM file of those whose word is taken that the authority is itself; empty for the system's
 * @param account what ties to an account made elsewhere (RFC 8555, 7.3.4); empty if the authority asks for none
 */
public record AcmeConfig(
        URI directory,
        List<String> names,
        List<String> contacts,
        Optional<Path> authorities,
        Optional<ExternalAccount> account) {
    private static final String LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

    /** RFC 1035, 2.3.1, of two labels at least: no authority knows others. */
    private static final Pattern DNS_NAME =
            Pattern.compile("(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    /**
     * The account that an authority knows its customer by.
     *
     * @param id as the authority tells it
     * @param key of the HMAC, base64url, as the authority tells it
     */
    public record ExternalAccount(String id, String key) {}

    /**
     * Reads the section.
     *
     * @param sites whose hosts are taken if no names are given
     * @throws ConfigException with one line about the first mistake
     */
    static AcmeConfig parse(ConfigNode node, Sites sites) {
        node.only("directory", "names", "contact", "accept-terms", "ca", "external-account");
        ConfigNode accepted = node.get("accept-terms");
        if (accepted == null || !accepted.bool()) {
            throw node.error(
                    "`accept-terms: true` is needed: the authority gives certificates by its terms of service");
        }
        return new AcmeConfig(
                directory(node.get("directory")),
                names(node, sites),
                contacts(node.get("contact")),
                Optional.ofNullable(node.get("ca")).map(file -> Path.of(file.string())),
                Optional.ofNullable(node.get("external-account")).map(AcmeConfig::account));
    }

    private static URI directory(@Nullable ConfigNode node) {
        if (node == null) {
            return URI.create(LETS_ENCRYPT);
        }
        try {
            var url = new URI(node.string());
            if ("https".equals(url.getScheme()) && url.getHost() != null) {
                return url;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw node.error("`" + node.string() + "` is no URL that begins with https://");
    }

    private static List<String> names(ConfigNode node, Sites sites) {
        Set<String> names = new LinkedHashSet<>();
        ConfigNode given = node.get("names");
        if (given == null) {
            for (Site site : sites.all()) {
                site.hosts().stream()
                        .filter(host -> DNS_NAME.matcher(host).matches())
                        .forEach(names::add);
            }
            if (names.isEmpty()) {
                throw node.error("no site has a `host` that a certificate could be for; list `names`");
            }
            return List.copyOf(names);
        }
        for (ConfigNode each : given.oneOrMany()) {
            String name = each.string().toLowerCase(Locale.ROOT);
            if (!DNS_NAME.matcher(name).matches()) {
                throw each.error("`" + each.string() + "` is no DNS name such as files.example.com"
                        + (name.startsWith("*.")
                                ? "; a certificate for all names under one takes a proof by DNS"
                                : ""));
            }
            names.add(name);
        }
        if (names.isEmpty()) {
            throw given.error("`names` lists none");
        }
        return List.copyOf(names);
    }

    private static List<String> contacts(@Nullable ConfigNode node) {
        if (node == null) {
            return List.of();
        }
        return node.oneOrMany().stream()
                .map(each -> {
                    if (!each.string().matches("[^@\\s]+@[^@\\s]+")) {
                        throw each.error("`" + each.string() + "` is no mail address");
                    }
                    return each.string();
                })
                .toList();
    }

    private static ExternalAccount account(ConfigNode node) {
        node.only("id", "key");
        ConfigNode key = node.require("key");
        try {
            Base64.getUrlDecoder().decode(key.string());
        } catch (IllegalArgumentException e) {
            throw key.error("the key is not base64url, as the authority tells it");
        }
        return new ExternalAccount(node.require("id").string(), key.string());
    }
}
