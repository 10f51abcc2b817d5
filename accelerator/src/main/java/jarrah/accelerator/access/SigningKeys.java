package jarrah.accelerator.access;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys of signed URLs, by id; several, so that one can replace another while links of both are about.
 *
 * @param byId in the order of the configuration; new links are signed with the first
 */
public record SigningKeys(Map<String, SecretKeySpec> byId) {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int LEAST_BYTES = 16;

    /**
     * Keys from their secrets.
     *
     * @throws IllegalArgumentException with one line about an id or a secret that will not do
     */
    public static SigningKeys of(Map<String, String> secrets) {
        var byId = new LinkedHashMap<String, SecretKeySpec>();
        secrets.forEach((id, secret) -> {
            if (!ID.matcher(id).matches()) {
                throw new IllegalArgumentException("a key's id is of letters, digits, `.`, `_` and `-`, at most 64");
            }
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            if (bytes.length < LEAST_BYTES) {
                throw new IllegalArgumentException("the secret of key `" + id + "` is shorter than " + LEAST_BYTES
                        + " characters; try: openssl rand -hex 32");
            }
            byId.put(id, new SecretKeySpec(bytes, "HmacSHA256"));
        });
        return new SigningKeys(java.util.Collections.unmodifiableMap(byId));
    }

    /**
     * Reads a key a line, {@code ID SECRET}; empty lines and those that begin with {@code #} do not count.
     *
     * @throws IllegalArgumentException with one line of reason
     */
    public static SigningKeys read(String text) {
        Map<String, String> secrets = new LinkedHashMap<>();
        int number = 0;
        for (String each : text.split("\n", -1)) {
            number++;
            String line = each.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split("\\s+", -1);
            if (words.length != 2) {
                throw new IllegalArgumentException("line " + number + ": is not ID SECRET");
            }
            if (secrets.put(words[0], words[1]) != null) {
                throw new IllegalArgumentException("line " + number + ": the key is there twice");
            }
        }
        return of(secrets);
    }

    @Override
    public String toString() {
        return "SigningKeys" + byId.keySet();
    }
}
