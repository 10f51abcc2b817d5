package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Records as bytes: what is written is read again, and so is what earlier programs wrote. */
final class RecordsTest {
    private static final Instant TIME = Instant.parse("2026-11-22T12:00:00.123Z");

    private static StoredObject object() {
        return StoredObject.builder("key", new VersionId(7, -5), 9, TIME, ACL)
                .bytes(new Content.Blob("ab".repeat(16)), 1_000_000_000_000L, "etag")
                .metadata(new Metadata(Map.of("content-type", "a/b"), Map.of("n", "v"), "STANDARD_IA"))
                .checksum(Optional.of(new Checksum(ChecksumAlgorithm.SHA1, Checksum.Type.COMPOSITE, "x-2")))
                .parts(2)
                .tags(Map.of("t", ""))
                .lock(new ObjectLock(Optional.of(new Retention(Retention.Mode.COMPLIANCE, TIME)), Optional.of(false)))
                .build();
    }

    @Test
    void anObjectWithAllThatItCanHaveIsReadAgain() {
        assertThat(Records.object("key", Records.encode(object()))).isEqualTo(object());
        StoredObject marker = StoredObject.builder("key", VersionId.none(3), 3, TIME, ACL)
                .deleteMarker(true)
                .build();
        assertThat(Records.object("key", Records.encode(marker))).isEqualTo(marker);
    }

    @Test
    void aBucketWithAllThatItCanHaveIsReadAgain() {
        var bucket = new Bucket(
                "name",
                1,
                StoreFixture.ACCOUNT,
                StoreFixture.OWNER,
                "eu-west-1",
                TIME,
                2,
                ACL,
                ObjectOwnership.OBJECT_WRITER,
                Versioning.ENABLED,
                true,
                Optional.of(new DefaultRetention(Retention.Mode.GOVERNANCE, 3, 0)));
        assertThat(Records.bucket("name", Records.encode(bucket))).isEqualTo(bucket);
        Bucket later = bucket.withObjectLock(Optional.empty()).withGeneration(4);
        assertThat(Records.bucket("name", Records.encode(later))).isEqualTo(later);
    }

    /** An object as the first version of the record has it. */
    private static byte[] first() {
        return new RecordWriter(1)
                .number(9)
                .number(0)
                .number(TIME.toEpochMilli())
                .text("etag")
                .number(0)
                .octet(0)
                .octet(0)
                .text("STANDARD")
                .map(Map.of())
                .map(Map.of())
                .text(StoreFixture.OWNER)
                .number(0)
                .toBytes();
    }

    @Test
    void anObjectOfTheFirstVersionIsANullVersionAsOldAsItsGeneration() {
        StoredObject object = Records.object("key", first());
        assertThat(object.version()).isEqualTo(VersionId.none(9));
        assertThat(object.etag()).isEqualTo("etag");
        assertThat(object.tags()).isEmpty();
        assertThat(object.lock()).isEqualTo(ObjectLock.NONE);
    }

    @Test
    void aBucketOfTheFirstVersionKeepsNoVersions() {
        byte[] record = new RecordWriter(1)
                .number(1)
                .text(StoreFixture.ACCOUNT)
                .text(StoreFixture.OWNER)
                .text("eu-west-1")
                .number(TIME.toEpochMilli())
                .number(2)
                .text(StoreFixture.OWNER)
                .number(0)
                .text("OBJECT_WRITER")
                .toBytes();
        Bucket bucket = Records.bucket("name", record);
        assertThat(bucket.versioning()).isEqualTo(Versioning.UNSET);
        assertThat(bucket.objectLock()).isFalse();
    }

    @Test
    void whatALaterProgramWroteIsRefused() {
        byte[] later = first();
        later[0] = 3;
        assertThatThrownBy(() -> Records.object("key", later)).isInstanceOf(IllegalStateException.class);
        byte[] plain = Records.encode(
                StoredObject.builder("key", VersionId.none(3), 3, TIME, ACL).build());
        byte[] section = java.util.Arrays.copyOf(plain, plain.length + 2);
        section[plain.length - 1] = 1; // one section, of an unknown kind and without bytes
        section[plain.length] = 99;
        assertThatThrownBy(() -> Records.object("key", section)).isInstanceOf(IllegalStateException.class);
    }
}
