package jarrah.s3.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When the copy of an archived object can be read. */
final class RestorationTest {
    private static final Instant READY = Instant.parse("2026-11-22T12:00:00Z");
    private static final Instant UNTIL = READY.plusSeconds(60);

    private static StoredObject object(String storageClass) {
        Acl acl = CannedAcl.PRIVATE.expand("a".repeat(64), "a".repeat(64));
        return StoredObject.builder("key", VersionId.none(1), 1, READY, acl)
                .metadata(new Metadata(java.util.Map.of(), java.util.Map.of(), storageClass))
                .restoration(Optional.of(new Restoration(READY, UNTIL)))
                .build();
    }

    @Test
    void fromWhenItIsReadyToBeforeItsEnd() {
        for (String archive : Metadata.ARCHIVES) {
            assertThat(object(archive).isReadable(READY.minusMillis(1))).isFalse();
            assertThat(object(archive).isReadable(READY)).isTrue();
            assertThat(object(archive).isReadable(UNTIL.minusMillis(1))).isTrue();
            assertThat(object(archive).isReadable(UNTIL)).isFalse();
        }
        assertThat(object("GLACIER_IR").isReadable(UNTIL)).isTrue();
    }

    @Test
    void itIsPartOfTheRecord() {
        StoredObject object = object("GLACIER");
        assertThat(Records.object("key", Records.encode(object))).isEqualTo(object);
    }
}
