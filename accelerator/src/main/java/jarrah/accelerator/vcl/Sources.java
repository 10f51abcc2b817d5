package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.SiteDraft.Source;
import jarrah.accelerator.vcl.Vcl.Expression;
import jarrah.accelerator.vcl.Vcl.Value;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns backends into origins. */
final class Sources {
    /** Names of S3's endpoints: Amazon S3 User Guide, "Methods for accessing a bucket". */
    private static final Pattern S3 = Pattern.compile(
            "(?:(?<bucket>.+)\\.)?s3(?:[.-](?<region>[a-z]{2}(?:-[a-z]+)+-[0-9]))?\\.amazonaws\\.com(\\.cn)?");

    /** What a backend's fields are called there and here. */
    private static final Map<String, String> TIMEOUTS = Map.of(
            "connect_timeout", "connect",
            "first_byte_timeout", "first-byte",
            "between_bytes_timeout", "between-bytes");

    private static final Set<String> KNOWN = Set.of("host", "port", "host_header", "ssl", "probe");
    private static final Set<String> KNOWN_OF_PROBES = Set.of("url", "interval", "timeout");

    private final Vcl program;
    private final Leftovers left;

    Sources(Vcl program, Leftovers left) {
        this.program = program;
        this.left = left;
    }

    /** Where a draft's answers come from; null if none of its backends is one that a site can ask. */
    @Nullable
    Source of(SiteDraft draft) {
        List<String> names =
                draft.backends.stream().filter(program.backends()::containsKey).toList();
        List<String> asked = names.isEmpty() ? usual() : names;
        if (asked.isEmpty()) {
            return null;
        }
        asked.forEach(backend -> tell(fields(backend)));
        Map<String, Value> first = fields(asked.getFirst());
        Optional<Source> s3 = s3(draft, first);
        if (s3.isPresent()) {
            Optional.ofNullable(first.get("probe"))
                    .ifPresent(probe -> left.add(probe.place(), "a bucket is asked without a probe"));
            return s3.get();
        }
        List<String> urls = asked.stream()
                .map(this::fields)
                .flatMap(backend -> url(backend).stream())
                .distinct()
                .toList();
        return urls.isEmpty() ? null : new Source.Http(urls, timeouts(first), probe(first));
    }

    /** Without a choice Varnish takes the backend of the name {@code default}, else the first one. */
    private List<String> usual() {
        return program.backends().containsKey("default")
                ? List.of("default")
                : program.backends().keySet().stream().limit(1).toList();
    }

    private Map<String, Value> fields(String backend) {
        return program.backends().getOrDefault(backend, Map.of());
    }

    private static Optional<String> scalar(Map<String, Value> fields, String name) {
        return fields.get(name) instanceof Value.Scalar(var _, var text) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<Source> s3(SiteDraft draft, Map<String, Value> backend) {
        String named = scalar(backend, "host").orElse("").toLowerCase(Locale.ROOT);
        Matcher endpoint = S3.matcher(named);
        if (!endpoint.matches()) {
            return Optional.empty();
        }
        String url = "https://s3." + (endpoint.group("region") == null ? "" : endpoint.group("region") + ".")
                + "amazonaws.com" + (endpoint.group(3) == null ? "" : endpoint.group(3));
        String host = Optional.ofNullable(draft.originHost)
                .or(() -> scalar(backend, "host_header"))
                .orElse(named);
        Matcher asked = S3.matcher(host);
        String path = draft.path.substring(1);
        if (asked.matches() && asked.group("bucket") != null) {
            return Optional.of(new Source.S3(url, asked.group("bucket"), path, timeouts(backend)));
        }
        if (!asked.matches() && !host.equals(named)) {
            return Optional.of(new Source.S3(url, host, path, timeouts(backend))); // a bucket of the name of its host
        }
        int slash = path.indexOf('/');
        return slash <= 0
                ? Optional.empty()
                : Optional.of(
                        new Source.S3(url, path.substring(0, slash), path.substring(slash + 1), timeouts(backend)));
    }

    private static Optional<String> url(Map<String, Value> backend) {
        Optional<String> host = scalar(backend, "host");
        String port = scalar(backend, "port").orElse("80").replace("http", "80");
        boolean secure = scalar(backend, "ssl").isPresent() || port.equals("443") || port.equals("80s");
        if (host.isEmpty() || host.get().isEmpty()) {
            return Optional.empty();
        }
        String name = host.get().indexOf(':') >= 0 && !host.get().startsWith("[") ? "[" + host.get() + "]" : host.get();
        boolean usual = port.equals("80") || port.equals("443") || port.equals("80s");
        return Optional.of((secure ? "https://" : "http://") + name + (usual ? "" : ":" + port));
    }

    private static Map<String, String> timeouts(Map<String, Value> backend) {
        var timeouts = new TreeMap<String, String>();
        TIMEOUTS.forEach((theirs, ours) -> scalar(backend, theirs)
                .flatMap(text -> Durations.of(new Expression.Name(text)))
                .ifPresent(duration -> timeouts.put(ours, duration)));
        return timeouts;
    }

    private Map<String, String> probe(Map<String, Value> backend) {
        Map<String, Value> fields = probeOf(backend);
        var probe = new TreeMap<String, String>();
        scalar(fields, "url").ifPresent(url -> probe.put("path", SiteYaml.quoted(url)));
        if (!probe.isEmpty()) {
            scalar(fields, "interval")
                    .flatMap(text -> Durations.of(new Expression.Name(text)))
                    .ifPresent(every -> probe.put("every", every));
            scalar(fields, "timeout")
                    .flatMap(text -> Durations.of(new Expression.Name(text)))
                    .ifPresent(timeout -> probe.put("timeout", timeout));
        }
        return probe;
    }

    private Map<String, Value> probeOf(Map<String, Value> backend) {
        return switch (backend.get("probe")) {
            case Value.Fields(var _, var inside) -> inside;
            case Value.Scalar(var _, var name) -> program.probes().getOrDefault(name, Map.of());
            case null -> Map.of();
        };
    }

    private void tell(Map<String, Value> backend) {
        backend.forEach((name, value) -> {
            if (!KNOWN.contains(name) && !TIMEOUTS.containsKey(name)) {
                left.add(value.place(), "an origin has no such setting");
            }
        });
        probeOf(backend).forEach((name, value) -> {
            if (!KNOWN_OF_PROBES.contains(name)) {
                left.add(value.place(), "a probe is a GET; two that fail or succeed in a row decide");
            }
        });
    }
}
