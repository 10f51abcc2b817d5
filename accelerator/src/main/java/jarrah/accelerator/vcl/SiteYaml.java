package jarrah.accelerator.vcl;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes sites as a person would. */
final class SiteYaml {
    private SiteYaml() {}

    /**
     * A site.
     *
     * @param hosts empty for every host
     */
    static String site(String name, List<String> hosts, Cell cell, SiteDraft draft, SiteDraft.Source source) {
        var text = new StringBuilder();
        line(text, "  - name: ", name);
        if (!hosts.isEmpty()) {
            line(text, "    host: ", hosts.size() == 1 ? quoted(hosts.getFirst()) : list(hosts));
        }
        if (!cell.folder().equals("/")) {
            line(text, "    path: ", quoted(cell.folder()));
        }
        line(text, "    origin: ", origin(source));
        if (draft.index != null && source instanceof SiteDraft.Source.S3) {
            line(text, "    index: ", quoted(draft.index));
        }
        List<String> methods = draft.methods();
        if (source instanceof SiteDraft.Source.Http && !methods.equals(List.of("GET", "HEAD"))) {
            line(text, "    methods: ", methods.isEmpty() ? "all" : "[" + String.join(", ", methods) + "]");
        }
        List<String> rules = draft.access();
        if (!rules.isEmpty()) {
            line(text, "    access:", "");
            rules.forEach(rule -> line(text, "      - ", rule));
        }
        line(text, "    cache: ", map(draft.cache()));
        if (!draft.setFields.isEmpty() || !draft.removedFields.isEmpty()) {
            line(text, "    headers:", "");
            if (!draft.setFields.isEmpty()) {
                line(
                        text,
                        "      set: ",
                        draft.setFields.entrySet().stream()
                                .map(field -> field.getKey() + ": " + quoted(field.getValue()))
                                .collect(Collectors.joining(", ", "{", "}")));
            }
            if (!draft.removedFields.isEmpty()) {
                line(text, "      remove: ", "[" + String.join(", ", draft.removedFields) + "]");
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String before, String value) {
        text.append(before).append(value).append('\n');
    }

    private static String origin(SiteDraft.Source source) {
        return switch (source) {
            case SiteDraft.Source.S3(var endpoint, var bucket, var prefix, var timeouts) ->
                "{s3: " + quoted(endpoint) + ", bucket: " + quoted(bucket)
                        + (prefix.isEmpty() ? "" : ", prefix: " + quoted(prefix)) + ", credentials: anonymous"
                        + timeouts(timeouts) + "}";
            case SiteDraft.Source.Http(var urls, var timeouts, var probe) ->
                "{http: " + (urls.size() == 1 ? quoted(urls.getFirst()) : list(urls))
                        + timeouts(timeouts)
                        + (probe.isEmpty() ? "" : ", probe: " + map(probe)) + "}";
        };
    }

    private static String timeouts(Map<String, String> timeouts) {
        return timeouts.isEmpty() ? "" : ", timeouts: " + map(timeouts);
    }

    private static String map(Map<String, String> map) {
        return map.entrySet().stream()
                .map(each -> each.getKey() + ": " + each.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    static String list(Collection<String> texts) {
        return texts.stream().map(SiteYaml::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    /** In double quotes, with YAML's escapes. */
    static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c < ' ' || c == 0x7F) {
                quoted.append(String.format("\\x%02x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }
}
