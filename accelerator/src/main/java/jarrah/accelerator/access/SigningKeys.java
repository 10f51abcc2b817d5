package jarrah.accelerator.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Keys of signed URLs, by id; several, so that one can replace another while links of both are about.
 *
 * @param byId in the order of the configuration; new links are signed with the first. Each is HMAC with SHA-256 made
 *     ready with the key, to be cloned for use: finding the algorithm and taking the key costs more than the digest
 */
public record SigningKeys(Map<String, Mac> byId) {
    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int LEAST_BYTES = 16;

    /**
     * Keys from their secrets.
     *
     * @throws IllegalArgumentException with one line about an id or a secret that will not do
     */
    public static SigningKeys of(Map<String, String> secrets) {
        var byId = new LinkedHashMap<String, Mac>();
        secrets.forEach((id, secret) -> {
            if (!ID.matcher(id).matches()) {
                throw new IllegalArgumentException("a key's id is of letters, digits, `.`, `_` and `-`, at most 64");
            }
            byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
            if (bytes.length < LEAST_BYTES) {
                throw new IllegalArgumentException("the secret of key `" + id + "` is shorter than " + LEAST_BYTES
                        + " characters; try: openssl rand -hex 32");
            }
            byId.put(id, ready(bytes));
        });
        return new SigningKeys(java.util.Collections.unmodifiableMap(byId));
    }

    private static Mac ready(byte[] secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The code of a text under a key; null if there is no such key. */
    byte @Nullable [] code(String keyId, byte[] text) {
        Mac ready = byId.get(keyId);
        if (ready == null) {
            return null;
        }
        try {
            return ((Mac) ready.clone()).doFinal(text);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
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
