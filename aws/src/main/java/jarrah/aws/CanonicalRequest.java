package jarrah.aws;

import jarrah.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a version 4 signature covers, in the one spelling that both sides can make ("Create a canonical request").
 */
final class CanonicalRequest {
    private static final Pattern SPACES = Pattern.compile(" +");

    private CanonicalRequest() {}

    /**
     * @param path the path in the spelling to be tried, already encoded
     * @param rawQuery the query as sent, without the question mark; null for none
     * @param signedHeaders lower-case names in order
     * @param payloadHash the value that stands for the body
     */
    static String of(
            String method,
            String path,
            @Nullable String rawQuery,
            Headers headers,
            List<String> signedHeaders,
            String payloadHash) {
        var text = new StringBuilder(512);
        text.append(method).append('\n');
        text.append(path.isEmpty() ? "/" : path).append('\n');
        text.append(query(rawQuery)).append('\n');
        for (String name : signedHeaders) {
            text.append(name).append(':').append(value(headers, name)).append('\n');
        }
        text.append('\n').append(String.join(";", signedHeaders)).append('\n');
        return text.append(payloadHash).toString();
    }

    /** The parameters encoded and sorted by name, then value; the signature itself is left out. */
    static String query(@Nullable String raw) {
        if (raw == null || raw.isEmpty()) {
            return "";
        }
        var parts = new ArrayList<String>();
        for (String part : raw.split("&")) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            String value = equals < 0 ? "" : part.substring(equals + 1);
            if (!name.equals("X-Amz-Signature")) {
                parts.add(parameter(name) + "=" + parameter(value));
            }
        }
        // '=' sorts before every character that encoding leaves except '-' and '.', so compare name and value apart.
        parts.sort((a, b) -> {
            int left = a.indexOf('=');
            int right = b.indexOf('=');
            int byName = a.substring(0, left).compareTo(b.substring(0, right));
            return byName != 0 ? byName : a.substring(left + 1).compareTo(b.substring(right + 1));
        });
        return String.join("&", parts);
    }

    private static String parameter(String raw) {
        return UriEncoding.canonical(raw.replace("+", "%20"), false);
    }

    private static String value(Headers headers, String name) {
        List<String> all = headers.all(name);
        if (all.size() == 1 && isCanonical(all.getFirst())) {
            return all.getFirst();
        }
        var values = new ArrayList<String>(1);
        for (String value : all) {
            values.add(SPACES.matcher(utf8(value).strip()).replaceAll(" "));
        }
        return String.join(",", values);
    }

    /** Most are: ASCII, without spaces that would go. */
    private static boolean isCanonical(String value) {
        char before = ' ';
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= 0x80 || (c <= ' ' && (c != ' ' || before == ' '))) {
                return false;
            }
            before = c;
        }
        return before != ' ';
    }

    /** Fields arrive as Latin-1, one character a byte; what was signed is the bytes, and those are UTF-8 in practice. */
    private static String utf8(String value) {
        if (value.chars().allMatch(c -> c < 0x80)) {
            return value;
        }
        String decoded = new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return decoded.indexOf('\ufffd') >= 0 ? value : decoded;
    }

    /** Lower-case names of all fields that a signer should cover, in order. */
    static List<String> namesToSign(Headers headers) {
        var names = new ArrayList<String>();
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if ((lower.equals("host")
                            || lower.equals("content-type")
                            || lower.equals("content-md5")
                            || lower.equals("range")
                            || lower.startsWith("x-amz-"))
                    && !names.contains(lower)) {
                names.add(lower);
            }
        });
        names.sort(null);
        return names;
    }
}
