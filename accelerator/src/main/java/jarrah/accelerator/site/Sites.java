package jarrah.accelerator.site;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All sites, found by host and path: first those of the exact host, then those of a wildcard, the longest first, then
 * those of every host; among these the longest path that covers the request. Immutable.
 */
public final class Sites {
    private static final Comparator<Site> LONGEST_PATH_FIRST =
            Comparator.comparingInt((Site site) -> site.path().length()).reversed();

    private final List<Site> all;
    private final Map<String, List<Site>> byHost = new HashMap<>();
    private final Map<String, List<Site>> byWildcard = new HashMap<>();
    private final List<Site> everywhere = new ArrayList<>();

    public Sites(List<Site> sites) {
        all = List.copyOf(sites);
        for (Site site : sites) {
            for (String host : site.hosts()) {
                boolean wildcard = host.startsWith("*.");
                (wildcard ? byWildcard : byHost)
                        .computeIfAbsent(wildcard ? host.substring(1) : host, h -> new ArrayList<>())
                        .add(site);
            }
            if (site.hosts().isEmpty()) {
                everywhere.add(site);
            }
        }
        byHost.values().forEach(list -> list.sort(LONGEST_PATH_FIRST));
        byWildcard.values().forEach(list -> list.sort(LONGEST_PATH_FIRST));
        everywhere.sort(LONGEST_PATH_FIRST);
    }

    public List<Site> all() {
        return all;
    }

    public Optional<Site> named(String name) {
        return all.stream().filter(site -> site.name().equals(name)).findFirst();
    }

    /**
     * The site of a request.
     *
     * @param host as the client names it, port included; null if it does not
     * @return null if no site covers it
     */
    public @Nullable Site find(@Nullable String host, Target target) {
        String path = target.path();
        if (host != null && !(byHost.isEmpty() && byWildcard.isEmpty())) {
            String name = hostName(host);
            Site site = longest(byHost.get(name), path);
            for (int dot = name.indexOf('.'); site == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
                site = dot == 0 ? null : longest(byWildcard.get(name.substring(dot)), path);
            }
            if (site != null) {
                return site;
            }
        }
        return longest(everywhere, path);
    }

    private static @Nullable Site longest(@Nullable List<Site> longestFirst, String path) {
        if (longestFirst != null) {
            for (Site site : longestFirst) {
                if (site.covers(path)) {
                    return site;
                }
            }
        }
        return null;
    }

    /** The name alone: without port and final dot, in lower case. */
    static String hostName(String host) {
        int colon = host.lastIndexOf(':');
        boolean port = colon > host.lastIndexOf(']') && colon == host.indexOf(':', host.lastIndexOf(']') + 1);
        String name = port ? host.substring(0, colon) : host;
        return (name.endsWith(".") ? name.substring(0, name.length() - 1) : name).toLowerCase(Locale.ROOT);
    }
}
