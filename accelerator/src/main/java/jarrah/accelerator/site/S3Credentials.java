package jarrah.accelerator.site;

import java.util.Optional;

/** Whose keys sign the requests to a store. */
public sealed interface S3Credentials {
    /** What of it tells two identities apart; no secret. */
    String id();

    /** Requests are not signed. */
    record Anonymous() implements S3Credentials {
        @Override
        public String id() {
            return "anonymous";
        }
    }

    /**
     * Keys that stand in the configuration.
     *
     * @param sessionToken of temporary keys
     */
    record Keys(String accessKeyId, String secretAccessKey, Optional<String> sessionToken) implements S3Credentials {
        @Override
        public String id() {
            return accessKeyId;
        }

        @Override
        public String toString() {
            return "Keys[" + accessKeyId + "]"; // the secret belongs into no log
        }
    }

    /** {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY} and {@code AWS_SESSION_TOKEN} of the process. */
    record Environment() implements S3Credentials {
        @Override
        public String id() {
            return "env";
        }
    }

    /** A profile of the files {@code ~/.aws/config} and {@code ~/.aws/credentials}. */
    record Profile(String name) implements S3Credentials {
        @Override
        public String id() {
            return "profile " + name;
        }
    }

    /** What the environment, the profile or the instance's role gives, in that order, as for all clients of AWS. */
    record Found() implements S3Credentials {
        @Override
        public String id() {
            return "default";
        }
    }

    /** The role of the instance that this runs on, from its metadata service; renewed before it expires. */
    record Role() implements S3Credentials {
        @Override
        public String id() {
            return "role";
        }
    }
}
