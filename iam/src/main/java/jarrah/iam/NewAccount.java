package jarrah.iam;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an account is to be made from; what is left out is made up.
 *
 * @param name unique on this server; 1 to 63 of {@code a-z 0-9 - _ .}, a letter or digit first
 * @param id twelve digits
 * @param accessKeyId of its administrator; 16 to 128 of {@code A-Z a-z 0-9 _}
 * @param secretAccessKey the secret half, 8 to 128 printable ASCII characters without blanks, quotes and backslashes; given exactly when the
 *     access key id is
 * @param email by which S3's grants may name the account; unique on this server, kept in lower case
 */
public record NewAccount(
        String name,
        Optional<String> id,
        Optional<String> accessKeyId,
        Optional<String> secretAccessKey,
        Optional<String> email) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final Pattern ID = Pattern.compile("[0-9]{12}");
    private static final Pattern ACCESS_KEY_ID = Pattern.compile("[A-Za-z0-9_]{3,128}");
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]{1,64}@[^@\\s]{1,190}");
    private static final Pattern SECRET = Pattern.compile("[!-~&&[^'\"\\\\]]{8,128}");

    /** An account without an e-mail address. */
    public NewAccount(
            String name, Optional<String> id, Optional<String> accessKeyId, Optional<String> secretAccessKey) {
        this(name, id, accessKeyId, secretAccessKey, Optional.empty());
    }

    public NewAccount {
        email = email.map(text -> text.toLowerCase(Locale.ROOT));
        email.ifPresent(text -> require(EMAIL, text, "An e-mail address has one '@' and no blanks."));
        require(NAME, name, "An account name is 1 to 63 of a-z, 0-9, '-', '_' and '.', a letter or digit first.");
        id.ifPresent(text -> require(ID, text, "An account id is twelve digits."));
        accessKeyId.ifPresent(
                text -> require(ACCESS_KEY_ID, text, "An access key id is 3 to 128 of A-Z, a-z, 0-9 and '_'."));
        secretAccessKey.ifPresent(text -> require(
                SECRET,
                text,
                "A secret access key is 8 to 128 printable ASCII characters without blanks, quotes and backslashes."));
        if (accessKeyId.isPresent() != secretAccessKey.isPresent()) {
            throw new IamException.ValidationError("An access key id and its secret are given together or not at all.");
        }
    }

    private static void require(Pattern pattern, String text, String message) {
        if (!pattern.matcher(text).matches()) {
            throw new IamException.ValidationError(message);
        }
    }
}
