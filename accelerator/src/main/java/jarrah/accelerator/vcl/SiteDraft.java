package jarrah.accelerator.vcl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a program does within a {@link Cell}, in the terms of a site's configuration; filled by {@link Translation}. */
final class SiteDraft {
    /** Everything is refused here. */
    boolean closed;

    List<String> backends = new ArrayList<>();
    final Set<String> refusedMethods = new TreeSet<>();
    final Set<String> deniedPaths = new TreeSet<>();
    final Set<String> deniedNetworks = new TreeSet<>();
    final Set<String> allowedNetworks = new TreeSet<>();
    boolean ignoresQuery;

    @Nullable
    String ttl;

    boolean ttlAlways;

    @Nullable
    String grace;

    @Nullable
    String keep;

    final Map<String, String> setFields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    final Set<String> removedFields = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    /** What the program makes of the cell's folder before it asks the origin. */
    String path;

    /** What it appends to a path that ends in a slash; null for nothing. */
    @Nullable
    String index;

    /** The Host that the origin is to see; null if none is set. */
    @Nullable
    String originHost;

    SiteDraft(Cell cell) {
        path = cell.folder();
    }

    /** Where answers come from. */
    sealed interface Source {
        /** @param prefix of the keys of what lies in the cell's folder */
        record S3(String endpoint, String bucket, String prefix, Map<String, String> timeouts) implements Source {}

        record Http(List<String> urls, Map<String, String> timeouts, Map<String, String> probe) implements Source {}
    }

    /** Null if the program has no backend that answers here. */
    @Nullable
    Source source;

    /**
     * All that sites differ in, apart from where they lie, as a site of an enclosing folder would have it.
     *
     * @param within what the cell's folder adds to that folder
     */
    List<Object> settings(String within) {
        Object from = source instanceof Source.S3(var endpoint, var bucket, var prefix, var timeouts)
                        && prefix.endsWith(within)
                ? new Source.S3(endpoint, bucket, prefix.substring(0, prefix.length() - within.length()), timeouts)
                : Optional.ofNullable(source);
        return List.of(from, Optional.ofNullable(index), methods(), access(), cache(), setFields, removedFields);
    }

    /** Allowed methods; empty for all. */
    List<String> methods() {
        if (source instanceof Source.S3) {
            return List.of("GET", "HEAD");
        }
        if (refusedMethods.isEmpty()) {
            return List.of();
        }
        return Guards.METHODS.stream()
                .filter(method -> !refusedMethods.contains(method))
                .toList();
    }

    /** Rules in the order of a site's {@code access}; empty for none. */
    List<String> access() {
        var rules = new ArrayList<String>();
        if (closed) {
            return List.of("{deny: all}");
        }
        deniedPaths.forEach(path -> rules.add("{deny: all, path: " + SiteYaml.quoted(path) + "}"));
        if (!deniedNetworks.isEmpty()) {
            rules.add("{deny: {networks: " + SiteYaml.list(deniedNetworks) + "}}");
        }
        if (!allowedNetworks.isEmpty()) {
            rules.add("{allow: {networks: " + SiteYaml.list(allowedNetworks) + "}}");
        } else if (!rules.isEmpty()) {
            rules.add("{allow: all}");
        }
        return rules;
    }

    /** Settings of a site's {@code cache}. */
    Map<String, String> cache() {
        var cache = new TreeMap<String, String>();
        cache.put("ttl", ttl == null ? "2m" : ttl); // default_ttl of varnishd(1)
        if (ttl != null && ttlAlways) {
            cache.put("respect-origin", "false");
        }
        cache.put("grace", grace == null ? "10s" : grace); // default_grace
        if (keep != null) {
            cache.put("keep", keep);
        }
        if (ignoresQuery && source instanceof Source.Http) {
            cache.put("ignore-query", "true");
        }
        return cache;
    }
}
