package jarrah.accelerator.site;

import jarrah.http.HttpOrigin;

/** Where a site's answers come from. */
public sealed interface SiteOrigin {
    /** One line that tells two origins apart; part of the cache key, so that a changed configuration starts afresh. */
    String id();

    /**
     * A bucket of the object store in this process.
     *
     * @param prefix stands before the rest of the path in the object's key; may be empty
     */
    record Bucket(String bucket, String prefix, Identity as) implements SiteOrigin {
        @Override
        public String id() {
            return "bucket:" + bucket + " as:" + as;
        }
    }

    /** An HTTP server; requests keep their path and query. */
    record Http(HttpOrigin server) implements SiteOrigin {
        @Override
        public String id() {
            return server.toString();
        }
    }

    /** In whose name a bucket is read. */
    enum Identity {
        /** Nobody's: only what everyone may read. */
        ANONYMOUS,
        /** The operator's own account: everything. */
        OPERATOR
    }
}
