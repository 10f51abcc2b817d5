package jarrah.accelerator.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A URL that lets in whoever has it until it expires. Its query carries {@code jarrah-key}, {@code jarrah-expires} (seconds
 * since 1970) and {@code jarrah-signature}: HMAC-SHA256, base64url without padding, over these lines, joined by line
 * feeds:
 *
 * <pre>
 *   jarrah-url-1
 *   id of the key
 *   name of the site
 *   method: GET, which lets HEAD in too, or another
 *   when it expires, as in the query
 *   the rest of the query as sent, where it counts for the site; else empty
 *   path, decoded; last, since it alone may hold line feeds
 * </pre>
 *
 * @param keyId null if there is none
 * @param expires null if there is none
 * @param signature null if there is none
 * @param rest of the query, as sent; null if nothing is left
 */
public record SignedUrl(
        @Nullable String keyId,
        @Nullable String expires,
        @Nullable String signature,
        @Nullable String rest) {
    private static final String KEY = "jarrah-key=";
    private static final String EXPIRES = "jarrah-expires=";
    private static final String SIGNATURE = "jarrah-signature=";
    private static final int MOST_DIGITS = 12;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /** What a signature is worth. */
    public enum Worth {
        GOOD,
        /** It was good until it expired. */
        EXPIRED,
        /** It was never made for this request with a key that is still known. */
        BAD
    }

    /**
     * What a signature is about.
     *
     * @param site its name
     * @param query what counts of it besides the signature; null for nothing
     * @param path decoded
     */
    public record Subject(
            String site, String method, @Nullable String query, String path) {}

    /** Takes the parameters of a signature out of a query; null if none of them is there. */
    public static @Nullable SignedUrl parse(@Nullable String query) {
        if (query == null || query.indexOf("jarrah-") < 0) {
            return null;
        }
        String keyId = null;
        String expires = null;
        String signature = null;
        boolean found = false;
        boolean twice = false;
        var rest = new StringBuilder(query.length());
        for (int start = 0; start <= query.length(); ) {
            int ampersand = query.indexOf('&', start);
            int end = ampersand < 0 ? query.length() : ampersand;
            if (query.startsWith(KEY, start)) {
                twice |= keyId != null;
                keyId = query.substring(start + KEY.length(), end);
                found = true;
            } else if (query.startsWith(EXPIRES, start)) {
                twice |= expires != null;
                expires = query.substring(start + EXPIRES.length(), end);
                found = true;
            } else if (query.startsWith(SIGNATURE, start)) {
                twice |= signature != null;
                signature = query.substring(start + SIGNATURE.length(), end);
                found = true;
            } else {
                rest.append(rest.isEmpty() ? "" : "&").append(query, start, end);
            }
            start = end + 1;
        }
        if (!found) {
            return null;
        }
        return new SignedUrl(keyId, expires, twice ? null : signature, rest.isEmpty() ? null : rest.toString());
    }

    /** The parameters of the signature as they were sent. */
    public String asSent() {
        var text = new StringBuilder();
        parameter(text, KEY, keyId);
        parameter(text, EXPIRES, expires);
        parameter(text, SIGNATURE, signature);
        return text.toString();
    }

    private static void parameter(StringBuilder text, String name, @Nullable String value) {
        if (value != null) {
            text.append(text.isEmpty() ? "" : "&").append(name).append(value);
        }
    }

    /** Judges the signature. */
    public Worth judge(SigningKeys keys, Subject subject, long nowMillis) {
        if (keyId == null || expires == null || signature == null || !isNumber(expires)) {
            return Worth.BAD;
        }
        String signed = subject.method().equals("HEAD") ? "GET" : subject.method();
        byte[] own = signature(keys, keyId, expires, signed, subject);
        if (own == null || !MessageDigest.isEqual(own, signature.getBytes(StandardCharsets.UTF_8))) {
            return Worth.BAD;
        }
        return nowMillis / 1000 < Long.parseLong(expires) ? Worth.GOOD : Worth.EXPIRED;
    }

    /**
     * The parameters that make a URL a signed one, to be put behind what else is in its query.
     *
     * @param keyId one of the keys'
     * @param expiresSeconds since 1970
     */
    public static String parameters(SigningKeys keys, String keyId, long expiresSeconds, Subject subject) {
        String expires = Long.toString(expiresSeconds);
        byte[] signature = signature(keys, keyId, expires, subject.method(), subject);
        if (signature == null) {
            throw new IllegalArgumentException("there is no key `" + keyId + "`");
        }
        return KEY + keyId + "&" + EXPIRES + expires + "&" + SIGNATURE
                + new String(signature, StandardCharsets.US_ASCII);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** In Base64; null if there is no such key. */
    private static byte @Nullable [] signature(
            SigningKeys keys, String keyId, String expires, String method, Subject subject) {
        String query = subject.query();
        String text = "jarrah-url-1\n" + keyId + '\n' + subject.site() + '\n' + method + '\n' + expires + '\n'
                + (query == null ? "" : query) + '\n' + subject.path();
        byte[] code = keys.code(keyId, text.getBytes(StandardCharsets.UTF_8));
        return code == null ? null : BASE64.encode(code);
    }
}
