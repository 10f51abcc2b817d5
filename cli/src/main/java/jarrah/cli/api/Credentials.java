package jarrah.cli.api;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose access key signs requests; a mix-in of the commands that call a service. */
public final class Credentials {
    @Option(
            names = {"-I", "-O", "--access-key", "--access-key-id", "--aws-access-key"},
            paramLabel = "ID",
            description = "Access key id (default: AWS_ACCESS_KEY_ID, EC2_ACCESS_KEY).")
    private @Nullable String id;

    @Option(
            names = {"-S", "-W", "--secret-key", "--aws-secret-key"},
            paramLabel = "SECRET",
            description = "Its secret (default: AWS_SECRET_ACCESS_KEY, EC2_SECRET_KEY).")
    private @Nullable String secret;

    @Option(
            names = {"-t", "--security-token", "--delegation-token"},
            paramLabel = "TOKEN",
            description = "Token of temporary credentials (default: AWS_SESSION_TOKEN).")
    private @Nullable String token;

    /**
     * An access key.
     *
     * @param id its public half
     * @param secret its secret half
     * @param token session token of temporary credentials
     */
    public record Key(String id, String secret, Optional<String> token) {
        @Override
        public String toString() {
            return "Key[" + id + "]";
        }
    }

    /**
     * The key: options first, then the environment.
     *
     * @param historicalId value of {@code -a}, which is something else in other commands; null if there is none
     * @param historicalSecret value of {@code -s}, likewise
     * @throws CommandFailed if there is none
     */
    public Key key(Surroundings around, @Nullable String historicalId, @Nullable String historicalSecret) {
        String givenId = id == null ? historicalId : id;
        String givenSecret = secret == null ? historicalSecret : secret;
        // A token from the environment belongs to the key from there.
        boolean fromEnvironment = givenId == null && givenSecret == null;
        return new Key(
                given(givenId, around, "an access key", "--access-key", "AWS_ACCESS_KEY_ID", "EC2_ACCESS_KEY"),
                given(givenSecret, around, "a secret key", "--secret-key", "AWS_SECRET_ACCESS_KEY", "EC2_SECRET_KEY"),
                token != null
                        ? Optional.of(token)
                        : fromEnvironment ? around.variable("AWS_SESSION_TOKEN") : Optional.empty());
    }

    private static String given(
            @Nullable String value, Surroundings around, String what, String option, String... variables) {
        if (value != null) {
            return value;
        }
        return around.variable(variables)
                .orElseThrow(() -> new CommandFailed(what + " is needed: give " + option + ", or set " + variables[0]));
    }
}
