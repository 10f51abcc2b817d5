package jarrah.accelerator.origin;

import jarrah.accelerator.site.S3Credentials;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The keys that sign, as they are now: profiles and roles are read by the AWS SDK, which reads changed files anew and
 * renews temporary keys before they expire.
 */
public final class CredentialSource implements AutoCloseable {
    /**
     * A key.
     *
     * @param sessionToken null unless it is temporary
     */
    public record Key(String id, String secret, @Nullable String sessionToken) {
        @Override
        public String toString() {
            return "Key[" + id + "]"; // the secret belongs into no log
        }
    }

    private final S3Credentials credentials;
    private final @Nullable Key fixed;
    private final @Nullable AwsCredentialsProvider provider;

    public CredentialSource(S3Credentials credentials) {
        this.credentials = credentials;
        this.fixed = credentials instanceof S3Credentials.Keys(var id, var secret, var token)
                ? new Key(id, secret, token.orElse(null))
                : null;
        this.provider = switch (credentials) {
            case S3Credentials.Anonymous _, S3Credentials.Keys _ -> null;
            case S3Credentials.Environment _ -> EnvironmentVariableCredentialsProvider.create();
            case S3Credentials.Profile(var name) -> ProfileCredentialsProvider.create(name);
            case S3Credentials.Found _ -> DefaultCredentialsProvider.builder().build();
            case S3Credentials.Role _ -> InstanceProfileCredentialsProvider.create();
        };
    }

    /**
     * The key to sign with now; null for none. May call the metadata service.
     *
     * @throws OriginException if there should be one and is not
     */
    public @Nullable Key current() throws OriginException {
        if (provider == null) {
            return fixed;
        }
        try {
            AwsCredentials found = provider.resolveCredentials();
            String token = found instanceof AwsSessionCredentials session ? session.sessionToken() : null;
            return new Key(found.accessKeyId(), found.secretAccessKey(), token);
        } catch (SdkException e) {
            String message = "no credentials (" + credentials.id() + "): " + e.getMessage();
            throw new OriginException(OriginException.Kind.UNREACHABLE, message, new IOException(e));
        }
    }

    @Override
    public void close() {
        if (provider instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
