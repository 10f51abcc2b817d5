package jarrah.iam;

import java.time.Instant;
import java.util.Optional;

/**
 * An account.
 *
 * @param id twelve digits
 * @param name unique on this server; 1 to 63 of {@code a-z 0-9 - _ .}
 * @param canonicalId 64 hex digits, S3's name for the account
 * @param email by which grants may name it, in lower case
 * @param created when it was made
 */
public record Account(String id, String name, String canonicalId, Optional<String> email, Instant created) {}
