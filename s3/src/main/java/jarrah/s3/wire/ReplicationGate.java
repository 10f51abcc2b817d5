package jarrah.s3.wire;

import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.iam.kms.DataKeys;
import jarrah.iam.policy.Decision;
import jarrah.iam.policy.Evaluator;
import jarrah.iam.policy.IdentityPolicies;
import jarrah.s3.jobs.Replicator;
import jarrah.s3.settings.BucketEncryption;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.Protection;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import java.util.Map;
import java.util.Optional;

/**
 * Judges replication by the destination's policy: a bucket of another account has to allow {@code s3:ReplicateObject} or
 * {@code s3:ReplicateDelete} to the configuration's role, one of the same account must not deny it. What the role's own
 * policies say is not asked.
 */
public final class ReplicationGate implements Replicator.Gate {
    private final S3Store store;
    private final Authorizer authorizer;
    private final DataKeys kms;

    public ReplicationGate(S3Store store, Authorizer authorizer, DataKeys kms) {
        this.store = store;
        this.authorizer = authorizer;
        this.kms = kms;
    }

    @Override
    public boolean allows(Bucket source, Bucket destination, String role, StoredObject version) {
        Optional<BucketPolicy> policy = store.settings().get(destination.name(), Kind.POLICY, BucketPolicy::stored);
        boolean same = source.accountId().equals(destination.accountId());
        if (policy.isEmpty()) {
            return same;
        }
        String name = role.substring(role.lastIndexOf('/') + 1);
        var caller = new Principal.User(
                role.split(":", -1)[4], source.ownerId(), name, name, role, "", "", Map.of(), IdentityPolicies.NONE);
        var asked = new Evaluator.Request(
                caller,
                version.deleteMarker() ? "s3:ReplicateDelete" : "s3:ReplicateObject",
                Access.arn(destination.name(), version.key()),
                authorizer.context(caller, null));
        Decision decision = Evaluator.byResource(policy.get().rules(), asked).decision();
        return decision == Decision.ALLOW || same && decision == Decision.IMPLICIT_DENY;
    }

    @Override
    public Optional<Protection> protection(Bucket destination, StoredObject version, Replication.Rule rule) {
        if (version.encryption().isEmpty()) {
            return store.settings()
                    .get(destination.name(), Kind.ENCRYPTION, EncryptionHeaders::read)
                    .map(given -> new Protection(byDefault(destination, given), false));
        }
        Encryption source = version.encryption().get();
        return Optional.of(new Protection(
                switch (source.kind()) {
                    // What is sealed by a client's key is copied as it lies, whatever is said here.
                    case S3, CUSTOMER -> Encryption.s3();
                    case KMS, KMS_DSSE ->
                        Encryption.kms(
                                source.kind(),
                                kms.named(destination.accountId(), rule.keyId().orElse(""))
                                        .arn(),
                                source.context(),
                                source.bucketKey());
                },
                true));
    }

    private Encryption byDefault(Bucket destination, BucketEncryption given) {
        if (given.algorithm().equals("AES256")) {
            return Encryption.s3();
        }
        String arn =
                kms.named(destination.accountId(), given.keyId().orElse("")).arn();
        return Encryption.kms(EncryptionHeaders.kms(given.algorithm()), arn, "", given.bucketKey());
    }
}
