package jarrah.accelerator;

import jarrah.accelerator.rules.Weights;
import jarrah.http.HttpDate;
import jarrah.http.PercentCoding;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The names of a directory, for people and for programs. Pure text; links are relative, so that they hold behind whatever
 * rewrites paths in front of us.
 *
 * @param path of the directory as the client has it, decoded; ends with a slash
 * @param depth how many directories of the site are above it
 * @param names directories first
 * @param next reference to the next page; null if there is none
 */
record DirectoryPage(
        String path, int depth, List<Name> names, @Nullable String next) {
    static final String HTML = "text/html; charset=utf-8";
    static final String JSON = "application/json";

    /** Nothing on the page needs more, whatever a name may hold. */
    static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB"};

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\
            """;

    private static final String STYLE = """
            </title>
            <style>
            :root { color-scheme: light dark }
            body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem }
            h1 { font-size: 1.25rem; margin: .5rem 0 1rem; overflow-wrap: anywhere }
            a { text-decoration: none }
            a:hover, a:focus { text-decoration: underline }
            table { border-collapse: collapse; width: 100% }
            th, td { border-bottom: 1px solid #8884; padding: .4rem .5rem; text-align: left; vertical-align: top }
            th { font-size: .875rem; font-weight: 600 }
            td:first-child { overflow-wrap: anywhere; width: 100% }
            td + td, th + th { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap }
            tbody tr:hover { background: #8881 }
            p { font-size: .875rem }
            @media (max-width: 30rem) { body { padding: .5rem } th, td { padding: .5rem .25rem } .minute { display: none } }
            </style>
            </head>
            <body>
            """;

    /**
     * A name.
     *
     * @param text as it follows the directory's, without the slash behind a directory
     * @param size bytes; 0 for a directory
     * @param modified null for a directory
     */
    record Name(
            String text,
            boolean directory,
            long size,
            @Nullable Instant modified) {
        /** Null if no client can ask for it: whatever is done to dot segments is done before a request is sent. */
        @Nullable
        String reference() {
            // With a dot in front, so that no name can be taken for a scheme, a host or another path.
            return text.equals(".") || text.equals("..")
                    ? null
                    : "./" + PercentCoding.encode(text) + (directory ? "/" : "");
        }

        String shown() {
            return DirectoryPage.shown(directory ? text + "/" : text);
        }
    }

    /** Whether a client asks for JSON: by its name, and no less than for HTML. */
    static boolean wantsJson(@Nullable String accept) {
        int json = Weights.of(accept, JSON);
        int html = Weights.of(accept, "text/html");
        html = html == Weights.UNNAMED ? Weights.of(accept, "text/*") : html;
        html = html == Weights.UNNAMED ? Weights.of(accept, "*/*") : html;
        return json > 0 && json >= html;
    }

    String html() {
        var text = new StringBuilder(4_096 + 300 * names.size());
        text.append(HEAD).append("Index of ").append(shown(path)).append(STYLE);
        text.append("<h1>Index of ");
        trail(text);
        text.append("</h1>\n<table>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Size</th>"
                + "<th scope=\"col\">Modified <span class=\"minute\">(UTC)</span></th></tr></thead>\n<tbody>\n");
        if (depth > 0) {
            text.append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        }
        names.forEach(name -> row(text, name));
        long directories = names.stream().filter(Name::directory).count();
        text.append("</tbody>\n</table>\n<p>")
                .append(counted(directories, "directory", "directories"))
                .append(", ")
                .append(counted(names.size() - directories, "file", "files"));
        if (next != null) {
            text.append(" on this page. <a rel=\"next\" href=\"")
                    .append(escaped(next))
                    .append("\">Next page</a>");
        }
        return text.append("</p>\n</body>\n</html>\n").toString();
    }

    /** The path, with a link to each directory of the site above. */
    private void trail(StringBuilder text) {
        int root = path.length();
        for (int level = 0; level <= depth; level++) {
            root = path.lastIndexOf('/', root - 1);
        }
        int from = 0;
        int end = root + 1;
        for (int up = depth; up > 0; up--) {
            text.append("<a href=\"").append("../".repeat(up)).append("\">");
            text.append("<bdi>").append(shown(path.substring(from, end))).append("</bdi></a>");
            from = end;
            end = path.indexOf('/', from) + 1;
        }
        text.append("<bdi>").append(shown(path.substring(from))).append("</bdi>");
    }

    private static void row(StringBuilder text, Name name) {
        String reference = name.reference();
        text.append("<tr><td>");
        if (reference != null) {
            text.append("<a href=\"").append(reference).append("\">");
        }
        text.append("<bdi>").append(name.shown()).append("</bdi>").append(reference == null ? "" : "</a>");
        Instant modified = name.modified();
        if (modified == null) {
            text.append("</td><td></td><td></td></tr>\n");
            return;
        }
        text.append("</td><td title=\"")
                .append(counted(name.size(), "byte", "bytes"))
                .append("\">")
                .append(size(name.size()))
                .append("</td><td><time datetime=\"")
                .append(modified)
                .append("\">")
                .append(DAY.format(modified))
                .append("<span class=\"minute\"> ")
                .append(MINUTE.format(modified))
                .append("</span></time></td></tr>\n");
    }

    private static String counted(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double number = bytes / 1024.0;
        int unit = 0;
        while (number >= 1023.95 && unit < UNITS.length - 1) {
            number /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", number, UNITS[unit]);
    }

    /** Escaped, and with characters that would not be seen made visible. */
    private static String shown(String text) {
        var visible = new StringBuilder(text.length());
        text.codePoints().forEach(c -> visible.appendCodePoint(Character.isISOControl(c) ? 0xfffd : c));
        return escaped(visible.toString());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** An array of objects with the members that nginx's autoindex has: name, type, mtime, size. */
    String json() {
        var text = new StringBuilder(64 + 120 * names.size()).append('[');
        String separator = "\n";
        for (Name name : names) {
            text.append(separator).append("{\"name\":");
            quoted(text, name.text());
            text.append(",\"type\":\"")
                    .append(name.directory() ? "directory" : "file")
                    .append('"');
            Instant modified = name.modified();
            if (modified != null) {
                text.append(",\"mtime\":\"").append(HttpDate.format(modified)).append('"');
                text.append(",\"size\":").append(name.size());
            }
            text.append('}');
            separator = ",\n";
        }
        return text.append("\n]\n").toString();
    }

    private static void quoted(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
