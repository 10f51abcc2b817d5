package jarrah.accelerator.site;

import jarrah.accelerator.access.CredentialFile;
import jarrah.accelerator.access.Passwords;
import jarrah.accelerator.access.SigningKeys;
import jarrah.accelerator.access.Tokens;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whom a rule of access is about. */
public sealed interface Who {
    /** All. */
    record Everyone() implements Who {}

    /** Clients with those addresses. */
    record Networks(List<Network> networks) implements Who {
        boolean contain(java.net.InetAddress client) {
            for (Network network : networks) {
                if (network.contains(client)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Who has one of those bearer tokens. */
    record Token(Credentials<Tokens> tokens) implements Who {}

    /** Who knows a user's password. */
    record Password(Credentials<Passwords> passwords) implements Who {}

    /** Who has a URL that was signed with one of those keys. */
    record Signed(Credentials<SigningKeys> keys) implements Who {}

    /** Whose signature of version 4 stands for somebody who may read the object in S3. */
    record Iam() implements Who {}

    /** Credentials of the configuration, or of a file that it names. */
    sealed interface Credentials<T> {
        /**
         * The credentials.
         *
         * @param mayWait whether a file may be read
         * @return null if that would be needed
         */
        @Nullable
        T get(boolean mayWait);

        record Inline<T>(T value) implements Credentials<T> {
            @Override
            public T get(boolean mayWait) {
                return value;
            }
        }

        record InFile<T>(CredentialFile<T> file) implements Credentials<T> {
            @Override
            public @Nullable T get(boolean mayWait) {
                return mayWait ? file.current() : file.ifRecent();
            }
        }
    }
}
