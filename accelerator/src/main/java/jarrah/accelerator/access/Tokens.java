package jarrah.accelerator.access;

import java.util.HashSet;
import java.util.Set;

/**
 * Bearer tokens (RFC 6750), of which only digests are kept.
 *
 * @param digests of those that let in
 */
public record Tokens(Set<SecretDigest> digests) {
    /** Shorter ones can be guessed. */
    private static final int LEAST_LENGTH = 16;

    private static final int MOST_LENGTH = 4_096;

    /**
     * One token.
     *
     * @throws IllegalArgumentException if it cannot stand in a header field or is too short
     */
    public static Tokens of(String token) {
        return new Tokens(Set.of(digest(token)));
    }

    /**
     * A token a line; empty lines and those that begin with {@code #} do not count.
     *
     * @throws IllegalArgumentException with the number of the line that is none
     */
    public static Tokens read(String text) {
        var digests = new HashSet<SecretDigest>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String token = line.strip();
            if (token.isEmpty() || token.startsWith("#")) {
                continue;
            }
            try {
                digests.add(digest(token));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
            }
        }
        return new Tokens(Set.copyOf(digests));
    }

    private static SecretDigest digest(String token) {
        if (token.length() < LEAST_LENGTH || token.length() > MOST_LENGTH) {
            throw new IllegalArgumentException(
                    "a token has " + LEAST_LENGTH + " to " + MOST_LENGTH + " characters; try: openssl rand -hex 24");
        }
        if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IllegalArgumentException("a token is of visible ASCII characters, without spaces");
        }
        return SecretDigest.of(token);
    }

    /** Whether that token lets in. */
    public boolean contain(String token) {
        return token.length() <= MOST_LENGTH && digests.contains(SecretDigest.of(token));
    }
}
