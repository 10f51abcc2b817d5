package jarrah.accelerator.config;

import jarrah.accelerator.access.CredentialFile;
import jarrah.accelerator.access.Passwords;
import jarrah.accelerator.access.SigningKeys;
import jarrah.accelerator.access.Tokens;
import jarrah.accelerator.rules.CachePolicy;
import jarrah.accelerator.rules.KeyQuery;
import jarrah.accelerator.site.AccessRules;
import jarrah.accelerator.site.HeaderRules;
import jarrah.accelerator.site.Limits;
import jarrah.accelerator.site.Network;
import jarrah.accelerator.site.PathRules;
import jarrah.accelerator.site.Site;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.accelerator.site.Who;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one entry of {@code sites:}; every mistake is a {@link ConfigException}. */
final class SiteParser {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\\[[0-9a-f:.]+]");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** Fields that tell how a message is framed, or what this cache itself did. */
    private static final Set<String> NOT_TO_BE_CHANGED = Set.of(
            "connection", "content-length", "transfer-encoding", "date", "age", "via", "cache-status", "content-range");

    private static final Duration LONGEST_FETCH_WAIT = Duration.ofSeconds(60);

    private static final int MOST_OF_A_LIMIT = 1_000_000;

    private SiteParser() {}

    static Site parse(ConfigNode node) {
        node.only(
                "name",
                "host",
                "path",
                "origin",
                "index",
                "rewrite",
                "fallback",
                "error-page",
                "listing",
                "access",
                "methods",
                "cache",
                "headers",
                "compress",
                "limits");
        SiteOrigin origin = OriginParser.parse(node.require("origin"));
        return new Site(
                name(node.require("name")),
                hosts(node.get("host")),
                path(node.get("path")),
                origin,
                paths(node, origin),
                access(node.get("access"), origin),
                methods(node.get("methods"), origin),
                cache(node.get("cache"), origin),
                headers(node.get("headers")),
                bool(node.get("compress"), false),
                limits(node.get("limits")));
    }

    private static String name(ConfigNode node) {
        String name = node.string();
        if (!NAME.matcher(name).matches()) {
            throw node.error("`" + name + "` is no name: letters, digits, dots, hyphens and underscores, at most 63");
        }
        return name;
    }

    private static List<String> hosts(@Nullable ConfigNode node) {
        var hosts = new ArrayList<String>();
        for (ConfigNode each : node == null ? List.<ConfigNode>of() : node.oneOrMany()) {
            String host = each.string().toLowerCase(Locale.ROOT);
            if (!HOST.matcher(host).matches()) {
                throw each.error("`" + host + "` is no host such as files.example.com or *.example.com (without port)");
            }
            hosts.add(host);
        }
        return List.copyOf(hosts);
    }

    private static String path(@Nullable ConfigNode node) {
        if (node == null) {
            return "/";
        }
        String path = node.string();
        if (!path.startsWith("/") || path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
            throw node.error("`" + path + "` is no path such as /tools/");
        }
        return path.endsWith("/") ? path : path + "/";
    }

    private static PathRules paths(ConfigNode site, SiteOrigin origin) {
        for (String key : new String[] {"index", "rewrite", "fallback", "error-page", "listing"}) {
            ConfigNode node = site.get(key);
            if (node != null && !(origin instanceof SiteOrigin.Objects)) {
                throw node.error("`" + key + "` is for buckets; an HTTP origin has its own");
            }
        }
        return new PathRules(
                index(site.get("index")),
                rewrites(site.get("rewrite")),
                object(site.get("fallback")),
                object(site.get("error-page")),
                bool(site.get("listing"), false));
    }

    private static @Nullable String index(@Nullable ConfigNode node) {
        String index = object(node);
        if (node != null && index != null && index.indexOf('/') >= 0) {
            throw node.error("`" + index + "` is no name of an object such as index.html");
        }
        return index;
    }

    private static AccessRules access(@Nullable ConfigNode node, SiteOrigin origin) {
        if (node == null) {
            return AccessRules.OPEN;
        }
        var rules = new ArrayList<AccessRules.Rule>();
        for (ConfigNode rule : node.list()) {
            rule.only("allow", "deny", "path");
            ConfigNode allow = rule.get("allow");
            ConfigNode who = allow == null ? rule.get("deny") : allow;
            if (who == null || (allow != null && rule.get("deny") != null)) {
                throw rule.error("a rule has either `allow` or `deny`, such as {allow: all}");
            }
            ConfigNode path = rule.get("path");
            rules.add(new AccessRules.Rule(
                    allow != null,
                    whom(who, allow != null, origin),
                    path == null ? AccessRules.PathPattern.ALL : AccessRules.PathPattern.of(path.string())));
        }
        if (rules.isEmpty()) {
            throw node.error("`access` without a rule would deny everything; leave it out to allow everything");
        }
        return new AccessRules(List.copyOf(rules));
    }

    private static Who whom(ConfigNode node, boolean allow, SiteOrigin origin) {
        if (!node.isMap()) {
            node.oneOf("all");
            return new Who.Everyone();
        }
        if (allow) {
            node.only("networks", "token", "tokens", "passwords", "signed", "iam");
        } else {
            node.only("networks"); // who shows a credential would else do better without it
        }
        if (node.map().size() != 1) {
            throw node.error("a rule is about one thing, such as {networks: [...]} or {tokens: FILE}");
        }
        String kind = node.map().keySet().iterator().next();
        ConfigNode value = node.require(kind);
        return switch (kind) {
            case "networks" -> {
                List<Network> parsed = AcceleratorConfig.networks(value);
                if (parsed.isEmpty()) {
                    throw value.error("no network is named; `all` stands for everyone");
                }
                yield new Who.Networks(parsed);
            }
            case "token" -> new Who.Token(new Who.Credentials.Inline<>(read(value, () -> Tokens.of(value.string()))));
            case "tokens" -> new Who.Token(file(value, Tokens::read));
            case "passwords" -> new Who.Password(file(value, Passwords::read));
            case "signed" -> new Who.Signed(signingKeys(value));
            default -> {
                if (!(origin instanceof SiteOrigin.Bucket)) {
                    throw value.error("`iam` asks S3 who may read an object; an HTTP origin has none");
                }
                value.oneOf("s3:GetObject");
                yield new Who.Iam();
            }
        };
    }

    private static Who.Credentials<SigningKeys> signingKeys(ConfigNode node) {
        ConfigNode keys = node.only("keys").require("keys");
        if (!keys.isMap()) {
            return file(keys, SigningKeys::read);
        }
        Map<String, String> secrets = new LinkedHashMap<>();
        keys.map().forEach((id, secret) -> secrets.put(id, secret.string()));
        if (secrets.isEmpty()) {
            throw keys.error("no key is named");
        }
        return new Who.Credentials.Inline<>(read(keys, () -> SigningKeys.of(secrets)));
    }

    private static <T> Who.Credentials<T> file(ConfigNode node, CredentialFile.Reader<T> reader) {
        return new Who.Credentials.InFile<>(read(node, () -> CredentialFile.open(Path.of(node.string()), reader)));
    }

    private static <T> T read(ConfigNode node, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw node.error(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable String object(@Nullable ConfigNode node) {
        if (node != null && node.string().isEmpty()) {
            throw node.error("the name of an object, such as index.html, is missing");
        }
        return node == null ? null : node.string();
    }

    private static List<PathRules.Rewrite> rewrites(@Nullable ConfigNode node) {
        var rewrites = new ArrayList<PathRules.Rewrite>();
        for (ConfigNode each : node == null ? List.<ConfigNode>of() : node.list()) {
            each.only("match", "to");
            ConfigNode to = each.require("to");
            try {
                rewrites.add(new PathRules.Rewrite(each.require("match").string(), to.string()));
            } catch (IllegalArgumentException e) {
                throw to.error(String.valueOf(e.getMessage()));
            }
        }
        return List.copyOf(rewrites);
    }

    private static Set<String> methods(@Nullable ConfigNode node, SiteOrigin origin) {
        if (node == null) {
            return Set.of("GET", "HEAD");
        }
        boolean http = origin instanceof SiteOrigin.Http;
        if (http && !node.isList() && node.string().equals("all")) {
            return Set.of();
        }
        var methods = new LinkedHashSet<String>();
        for (ConfigNode each : node.oneOrMany()) {
            String method = http ? each.string() : each.oneOf("GET", "HEAD");
            if (!TOKEN.matcher(method).matches() || method.equals("CONNECT") || method.equals("all")) {
                throw each.error("`" + method + "` is no method that is passed on; allowed: a list such as [GET, HEAD],"
                        + " or all");
            }
            methods.add(method);
        }
        if (methods.isEmpty()) {
            throw node.error("no method is named; leave `methods` out for GET and HEAD");
        }
        return Set.copyOf(methods);
    }

    private static CachePolicy cache(@Nullable ConfigNode node, SiteOrigin origin) {
        boolean bucket = origin instanceof SiteOrigin.Objects;
        if (node == null) {
            return bucket ? withQueryIgnored(CachePolicy.DEFAULT) : CachePolicy.DEFAULT;
        }
        node.only("ttl", "grace", "keep", "respect-origin", "ignore-query", "key", "strict");
        CachePolicy base = bool(node.get("strict"), false) ? CachePolicy.STRICT : CachePolicy.DEFAULT;
        ConfigNode query = node.get("ignore-query");
        ConfigNode respect = node.get("respect-origin");
        if (query != null && bucket && !query.bool()) {
            throw query.error("an object of a bucket has no query to tell apart");
        }
        if (node.get("key") != null && bucket) {
            throw node.require("key").error("an object of a bucket has no query to tell apart");
        }
        if (respect != null && !respect.bool() && node.get("ttl") == null) {
            throw respect.error("`respect-origin: false` needs a `ttl` to go by");
        }
        long keep = millis(node.get("keep"), base.keepMillis());
        return new CachePolicy(
                millis(node.get("ttl"), base.ttlMillis()),
                millis(node.get("grace"), base.graceMillis()),
                base.strict() ? keep : millis(node.get("grace"), base.errorMillis()),
                keep,
                bool(respect, true),
                bucket ? KeyQuery.NONE : keyQuery(query, node.get("key")),
                base.strict());
    }

    private static KeyQuery keyQuery(@Nullable ConfigNode ignore, @Nullable ConfigNode key) {
        if (key == null) {
            return bool(ignore, false) ? KeyQuery.NONE : KeyQuery.WHOLE;
        }
        if (ignore != null) {
            throw ignore.error("`key` says already which parameters of the query count");
        }
        var names = new LinkedHashSet<String>();
        for (ConfigNode each : key.oneOrMany()) {
            if (each.string().isEmpty() || !names.add(each.string())) {
                throw each.error("`" + each.string() + "` is no further name of a parameter of the query");
            }
        }
        return KeyQuery.of(List.copyOf(names));
    }

    private static CachePolicy withQueryIgnored(CachePolicy policy) {
        return new CachePolicy(
                policy.ttlMillis(),
                policy.graceMillis(),
                policy.errorMillis(),
                policy.keepMillis(),
                policy.respectOrigin(),
                KeyQuery.NONE,
                policy.strict());
    }

    private static long millis(@Nullable ConfigNode node, long otherwise) {
        return node == null ? otherwise : node.duration().toMillis();
    }

    private static boolean bool(@Nullable ConfigNode node, boolean otherwise) {
        return node == null ? otherwise : node.bool();
    }

    private static Limits limits(@Nullable ConfigNode node) {
        if (node == null) {
            return Limits.OFF;
        }
        node.only("fetches", "fetch-wait", "requests-per-second");
        ConfigNode wait = node.get("fetch-wait");
        Duration fetchWait = wait == null ? Limits.DEFAULT_FETCH_WAIT : wait.duration();
        if (wait != null && fetchWait.compareTo(LONGEST_FETCH_WAIT) > 0) {
            throw wait.error("clients are not kept waiting for longer than 60s");
        }
        return new Limits(limit(node.get("fetches")), fetchWait, limit(node.get("requests-per-second")));
    }

    private static int limit(@Nullable ConfigNode node) {
        return node == null ? Limits.NONE : node.integer(1, MOST_OF_A_LIMIT);
    }

    private static HeaderRules headers(@Nullable ConfigNode node) {
        if (node == null) {
            return HeaderRules.NONE;
        }
        node.only("set", "remove");
        Map<String, String> set = new LinkedHashMap<>();
        ConfigNode fields = node.get("set");
        if (fields != null) {
            fields.map().forEach((name, value) -> {
                fieldName(name, value);
                String text = value.string();
                if (text.chars().anyMatch(c -> c < ' ' || c > 0xff || c == 0x7f)) {
                    throw value.error("a field's value holds no line breaks, control characters or letters beyond ISO"
                            + " 8859-1");
                }
                set.put(name, text.strip());
            });
        }
        var remove = new ArrayList<String>();
        ConfigNode names = node.get("remove");
        for (ConfigNode name : names == null ? List.<ConfigNode>of() : names.oneOrMany()) {
            fieldName(name.string(), name);
            remove.add(name.string());
        }
        return new HeaderRules(Map.copyOf(set), List.copyOf(remove));
    }

    private static void fieldName(String name, ConfigNode at) {
        if (!TOKEN.matcher(name).matches()) {
            throw at.error("`" + name + "` is no name of a header field");
        }
        if (NOT_TO_BE_CHANGED.contains(name.toLowerCase(Locale.ROOT))) {
            throw at.error("`" + name + "` is the accelerator's own to write");
        }
    }
}
