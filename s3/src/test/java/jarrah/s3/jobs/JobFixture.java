package jarrah.s3.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import jarrah.s3.S3Settings;
import jarrah.s3.settings.Replication;
import jarrah.s3.store.Acl;
import jarrah.s3.store.BodyDigests;
import jarrah.s3.store.BucketSettings.Kind;
import jarrah.s3.store.CannedAcl;
import jarrah.s3.store.Metadata;
import jarrah.s3.store.NewBucket;
import jarrah.s3.store.NewObject;
import jarrah.s3.store.ObjectLock;
import jarrah.s3.store.ObjectOwnership;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import jarrah.s3.store.StoredObject;
import jarrah.s3.store.VersionListing;
import jarrah.s3.store.Versioning;
import jarrah.s3.store.WriteCondition;
import jarrah.storage.FaultyDisk;
import jarrah.storage.FileBlobs;
import jarrah.storage.MemoryKv;
import jarrah.storage.RunsTwice;
import jarrah.storage.VerifyMode;
import jarrah.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A store in memory whose time stands still, with one bucket. */
final class JobFixture {
    static final String BUCKET = "my-bucket";
    static final String OWNER = "a".repeat(64);
    static final Acl ACL = CannedAcl.PRIVATE.expand(OWNER, OWNER);

    final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T12:00:00.123Z"));
    final S3Store store;
    final S3Settings settings;
    final Events events;

    JobFixture() {
        this(List.of());
    }

    JobFixture(List<S3Settings.Destination> destinations) {
        settings = new S3Settings("eu-west-1", false, true, List.of(), Duration.ofDays(1), false, false, destinations);
        try {
            var blobs = new FileBlobs(new FaultyDisk(), Path.of("/blobs"), VerifyMode.ALWAYS, 0);
            store = new S3Store(
                    new RunsTwice(new MemoryKv()), blobs, clock, jarrah.s3.store.ServerKeys.NONE, Replication::read);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
        events = new Events(store, clock, settings);
        create(BUCKET);
    }

    void create(String bucket) {
        store.buckets()
                .create(new NewBucket(bucket, "111122223333", OWNER, "eu-west-1", ACL, ObjectOwnership.OBJECT_WRITER));
    }

    void keepVersions() {
        store.buckets().setVersioning(BUCKET, Versioning.ENABLED);
    }

    void set(Kind kind, String document) {
        store.settings().put(BUCKET, kind, document.getBytes(UTF_8), _ -> {});
    }

    /** A lifecycle of one rule for all objects. */
    void lifecycle(String actions) {
        lifecycle("<Prefix></Prefix>", actions);
    }

    void lifecycle(String filter, String actions) {
        set(Kind.LIFECYCLE, """
                <LifecycleConfiguration><Rule><ID>one</ID><Filter>%s</Filter><Status>Enabled</Status>%s</Rule>\
                </LifecycleConfiguration>""".formatted(filter, actions));
    }

    StoredObject put(String key) {
        return put(key, 10, Map.of(), ObjectLock.NONE);
    }

    StoredObject put(String key, int size, Map<String, String> tags, ObjectLock lock) {
        var object = new NewObject(
                BUCKET,
                key,
                size,
                Metadata.NONE,
                ACL,
                WriteCondition.NONE,
                BodyDigests.NONE,
                tags,
                lock,
                Optional.empty());
        try {
            return store.objects().put(object, Channels.newChannel(new ByteArrayInputStream(new byte[size])));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    boolean exists(String key) {
        try {
            store.objects().head(BUCKET, key);
            return true;
        } catch (S3Exception.NoSuchKey _) {
            return false;
        }
    }

    List<VersionListing.Listed> versions() {
        return store.objects()
                .listVersions(new VersionListing.Query(BUCKET, "", "", "", Optional.empty(), 1_000))
                .versions();
    }
}
