package jarrah.accelerator.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.Crypt;
import org.apache.commons.codec.digest.Md5Crypt;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.jspecify.annotations.Nullable;

/**
 * Users and hashed passwords of one version of an htpasswd file. A hash is slow on purpose, so what was found once is
 * remembered under a digest for as long as this version is in use. Safe for many threads.
 */
public final class Passwords {
    /** Of what was found, right and wrong; then all is forgotten, and worked out anew. */
    private static final int MOST_REMEMBERED = 4_096;

    private static final int MOST_LENGTH = 1_024;

    /** Above that a single guess would keep a core busy for many seconds. */
    private static final int MOST_BCRYPT_COST = 14;

    private static final int MOST_ROUNDS = 1_000_000;

    private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");
    private static final Pattern SHA1 = Pattern.compile("\\{SHA}[A-Za-z0-9+/]{27}=");
    private static final Pattern APR1 = Pattern.compile("\\$apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}");
    private static final Pattern SHA_CRYPT =
            Pattern.compile("\\$[56]\\$(?:rounds=([0-9]{1,9})\\$)?[./A-Za-z0-9]{1,16}\\$[./A-Za-z0-9]{43,86}");

    /** Guesses must not take the cores from those who work; a place is waited for, but not for ever. */
    private static final Semaphore AT_WORK =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

    private static final long PATIENCE_SECONDS = 10;

    private final Map<String, String> hashes;
    private final ConcurrentHashMap<SecretDigest, Boolean> found = new ConcurrentHashMap<>();

    private Passwords(Map<String, String> hashes) {
        this.hashes = hashes;
    }

    /**
     * Reads an htpasswd file: {@code user:hash} a line, with bcrypt, apr1, SHA-crypt ({@code $5$}, {@code $6$}) or {@code
     * {SHA}}; empty lines and those that begin with {@code #} do not count.
     *
     * @throws IllegalArgumentException with the number of the line that cannot be used
     */
    public static Passwords read(String text) {
        var hashes = new HashMap<String, String>();
        int number = 0;
        for (String each : text.split("\n", -1)) {
            number++;
            String line = each.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int colon = line.indexOf(':');
            if (colon <= 0 || !isUsable(line.substring(colon + 1))) {
                throw new IllegalArgumentException("line " + number + ": is not USER:HASH with a hash that is taken:"
                        + " bcrypt of cost 4 to " + MOST_BCRYPT_COST + " (htpasswd -B), apr1, SHA-crypt of at most "
                        + MOST_ROUNDS + " rounds, {SHA}");
            }
            if (hashes.put(line.substring(0, colon), line.substring(colon + 1)) != null) {
                throw new IllegalArgumentException("line " + number + ": the user is there twice");
            }
        }
        return new Passwords(Map.copyOf(hashes));
    }

    private static boolean isUsable(String hash) {
        var bcrypt = BCRYPT.matcher(hash);
        if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(1));
            return cost >= 4 && cost <= MOST_BCRYPT_COST;
        }
        var sha = SHA_CRYPT.matcher(hash);
        if (sha.matches()) {
            return sha.group(1) == null || Integer.parseInt(sha.group(1)) <= MOST_ROUNDS;
        }
        return SHA1.matcher(hash).matches() || APR1.matcher(hash).matches();
    }

    /**
     * Whether those credentials were found right or wrong before; null if that is not known.
     *
     * @param basic what follows {@code Basic} in the field (RFC 7617)
     */
    public @Nullable Boolean ifKnown(String basic) {
        return basic.length() > MOST_LENGTH ? Boolean.FALSE : found.get(SecretDigest.of(basic));
    }

    /** Whether those credentials are right; takes its time. */
    public boolean check(String basic) {
        Boolean known = ifKnown(basic);
        if (known != null) {
            return known;
        }
        try {
            if (!AT_WORK.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            boolean right = isRight(basic);
            if (found.size() >= MOST_REMEMBERED) {
                found.clear();
            }
            found.put(SecretDigest.of(basic), right);
            return right;
        } finally {
            AT_WORK.release();
        }
    }

    private boolean isRight(String basic) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return false;
        }
        int colon = pair.indexOf(':');
        if (colon < 0 || hashes.isEmpty()) {
            return false;
        }
        String hash = hashes.get(pair.substring(0, colon));
        String password = pair.substring(colon + 1);
        if (hash == null) {
            // As slow as for a user that there is, so that time does not tell who is one.
            var _ = matches(password, hashes.values().iterator().next());
            return false;
        }
        return matches(password, hash);
    }

    private static boolean matches(String password, String hash) {
        if (password.indexOf('\0') >= 0) {
            return false;
        }
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        if (hash.startsWith("$2")) {
            return OpenBSDBCrypt.checkPassword(hash, bytes);
        }
        String own = hash.startsWith("{SHA}")
                ? "{SHA}" + Base64.getEncoder().encodeToString(sha1(bytes))
                : hash.startsWith("$apr1$") ? Md5Crypt.apr1Crypt(bytes, hash) : Crypt.crypt(bytes, hash);
        return MessageDigest.isEqual(own.getBytes(StandardCharsets.UTF_8), hash.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
