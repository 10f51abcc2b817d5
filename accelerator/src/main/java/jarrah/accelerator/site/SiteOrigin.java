package jarrah.accelerator.site;

import jarrah.http.HttpOrigin;
import java.util.List;
import java.util.stream.Collectors;

/** Where a site's answers come from. */
public sealed interface SiteOrigin {
    /** One line that tells two origins apart; part of the cache key, so that a changed configuration starts afresh. */
    String id();

    /** A bucket, wherever it is: a path stands for an object and nothing else, and queries mean nothing. */
    sealed interface Objects extends SiteOrigin {
        /** Stands before the rest of the path in the object's key; may be empty. */
        String prefix();
    }

    /** A bucket of the object store in this process. */
    record Bucket(String bucket, String prefix, Identity as) implements Objects {
        @Override
        public String id() {
            return "bucket:" + bucket + " as:" + as;
        }
    }

    /**
     * A bucket of any S3-compatible store; requests are signed in a name of the site's own.
     *
     * @param endpoint of the store, e.g. {@code https://s3.eu-west-1.amazonaws.com}
     * @param region to sign for
     * @param pathStyle whether the bucket stands in the path, else in the host's name
     * @param coherent whether the store's changes are followed, rather than times gone by
     */
    record S3(
            HttpOrigin endpoint,
            String bucket,
            String prefix,
            String region,
            boolean pathStyle,
            S3Credentials credentials,
            Coherent coherent,
            Reach reach)
            implements Objects {
        @Override
        public String id() {
            return "s3:" + endpoint + " " + bucket + " as:" + credentials.id();
        }
    }

    /**
     * HTTP servers that answer alike; requests keep their path and query.
     *
     * @param servers at least one, the one to be asked first in front
     */
    record Http(List<HttpOrigin> servers, Reach reach) implements SiteOrigin {
        public Http {
            servers = List.copyOf(servers);
        }

        /** One server, with the usual deadlines. */
        public Http(HttpOrigin server) {
            this(List.of(server), Reach.DEFAULT);
        }

        @Override
        public String id() {
            return servers.stream().map(HttpOrigin::toString).collect(Collectors.joining(" "));
        }
    }

    /** Whether copies of a bucket elsewhere live by what its store tells of changes. */
    enum Coherent {
        /** They do; while nothing is told each is revalidated at every hit. */
        ALWAYS,
        /** They do if the store tells of its changes when it is first asked. */
        AUTO,
        /** They live by time. */
        NEVER
    }

    /** In whose name a bucket is read. */
    enum Identity {
        /** Nobody's: only what everyone may read. */
        ANONYMOUS,
        /** The operator's own account: everything. */
        OPERATOR
    }
}
