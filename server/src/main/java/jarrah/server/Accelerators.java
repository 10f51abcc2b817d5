package jarrah.server;

import jarrah.accelerator.Accelerator;
import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.origin.Origins;
import jarrah.accelerator.origin.OwnBuckets;
import jarrah.accelerator.site.SiteOrigin;
import jarrah.aws.Authentication;
import jarrah.aws.AuthenticationException;
import jarrah.aws.SignatureVerifier;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.HttpClientConfig;
import jarrah.http.RequestHead;
import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.iam.Principal;
import jarrah.s3.S3Endpoint;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.Subjects;
import jarrah.storage.StoreChanges;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The accelerator of a region, joined to the region's own object store.
 *
 * @param accelerator the cache
 * @param origins where its answers come from
 */
record Accelerators(Accelerator accelerator, Origins origins) implements AutoCloseable {
    static Accelerators open(AcceleratorConfig config, Path directory, OwnBuckets buckets, Clock clock)
            throws IOException {
        var origins = new Origins(buckets, HttpClientConfig.defaults(), clock);
        try {
            return new Accelerators(Accelerator.open(config, directory, origins, clock), origins);
        } catch (IOException | RuntimeException e) {
            origins.close();
            throw e;
        }
    }

    @Override
    public void close() {
        accelerator.close();
        origins.close();
    }

    /** The region's buckets as the accelerator reads them: S3's own handler, without a socket between. */
    record StoreBuckets(S3Endpoint s3, S3Store store, Accounts accounts, SignatureVerifier verifier)
            implements OwnBuckets {
        @Override
        public Handler reader(SiteOrigin.Identity as) {
            return switch (as) {
                case ANONYMOUS -> exchange -> s3.handleAs(exchange, Principal.ANONYMOUS);
                case OPERATOR -> exchange -> s3.handleAs(exchange, ownerOf(exchange));
            };
        }

        @Override
        public @Nullable Handler signer(RequestHead signed) throws SignatureRefused {
            try {
                return switch (verifier.verifyS3(signed)) {
                    case Authentication.Anonymous _ -> null;
                    case Authentication.Signed by -> {
                        AccessKey key = accounts.key(by.accessKeyId());
                        if (key == null || !by.scope().service().equals("s3")) {
                            throw new SignatureRefused("The signature is not one for the service s3.");
                        }
                        yield exchange -> s3.handleAs(exchange, key.principal());
                    }
                };
            } catch (AuthenticationException e) {
                throw new SignatureRefused(
                        String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            }
        }

        /** The operator reads each bucket as its owner's administrator; nobody's rights reach into every account. */
        private Principal ownerOf(Exchange exchange) {
            String path = exchange.request().path().substring(1);
            String bucket = path.substring(0, path.indexOf('/'));
            try {
                return accounts.adminKey(store.buckets().get(bucket).accountId())
                        .principal();
            } catch (S3Exception.NoSuchBucket e) {
                return Principal.ANONYMOUS;
            }
        }

        @Override
        public boolean exists(String bucket) {
            try {
                return store.buckets().get(bucket).name().equals(bucket);
            } catch (S3Exception.NoSuchBucket e) {
                return false;
            }
        }

        @Override
        public StoreChanges.Watch watchBucket(String bucket) {
            return store.changes().watch(Subjects.bucket(bucket));
        }

        @Override
        public StoreChanges.Watch watchObject(String bucket, String key) {
            return store.changes().watch(Subjects.object(bucket, key));
        }
    }
}
