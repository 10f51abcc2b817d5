package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.OTHER_OWNER;
import static jarrah.s3.store.StoreFixture.OWNER;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.s3.store.Acl.Permission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class AclTest {
    private static final String STRANGER = "c".repeat(64);

    @ParameterizedTest
    @EnumSource(CannedAcl.class)
    void theOwnerMayDoEverythingByEveryCannedAcl(CannedAcl canned) {
        Acl acl = canned.expand(OWNER, OTHER_OWNER);
        for (Permission permission : Permission.values()) {
            assertThat(acl.allows(OWNER, permission)).isTrue();
        }
        assertThat(CannedAcl.of(canned.wireName())).isEqualTo(canned);
    }

    @Test
    void privateIsForNobodyElse() {
        Acl acl = CannedAcl.PRIVATE.expand(OWNER, OTHER_OWNER);
        assertThat(acl.allows(null, Permission.READ)).isFalse();
        assertThat(acl.allows(OTHER_OWNER, Permission.READ)).isFalse();
    }

    @Test
    void publicReadIsForEverybodyButOnlyReading() {
        Acl acl = CannedAcl.PUBLIC_READ.expand(OWNER, OWNER);
        assertThat(acl.allows(null, Permission.READ)).isTrue();
        assertThat(acl.allows(null, Permission.WRITE)).isFalse();
        assertThat(acl.allows(null, Permission.READ_ACP)).isFalse();
        assertThat(CannedAcl.PUBLIC_READ_WRITE.expand(OWNER, OWNER).allows(null, Permission.WRITE))
                .isTrue();
    }

    @Test
    void authenticatedReadIsForWhoeverSigned() {
        Acl acl = CannedAcl.AUTHENTICATED_READ.expand(OWNER, OWNER);
        assertThat(acl.allows(null, Permission.READ)).isFalse();
        assertThat(acl.allows(STRANGER, Permission.READ)).isTrue();
    }

    @Test
    void bucketOwnersAndTheImageReaderGetWhatTheirNamesSay() {
        assertThat(CannedAcl.BUCKET_OWNER_READ.expand(OWNER, OTHER_OWNER).allows(OTHER_OWNER, Permission.READ))
                .isTrue();
        assertThat(CannedAcl.BUCKET_OWNER_READ.expand(OWNER, OTHER_OWNER).allows(OTHER_OWNER, Permission.WRITE))
                .isFalse();
        assertThat(CannedAcl.BUCKET_OWNER_FULL_CONTROL
                        .expand(OWNER, OTHER_OWNER)
                        .allows(OTHER_OWNER, Permission.WRITE_ACP))
                .isTrue();
        assertThat(CannedAcl.AWS_EXEC_READ.expand(OWNER, OWNER).allows(CannedAcl.EXEC_READ_ID, Permission.READ))
                .isTrue();
    }

    @Test
    void anOwnerWithoutAGrantMayStillMendTheAcl() {
        var acl = new Acl(OWNER, java.util.List.of());
        assertThat(acl.allows(OWNER, Permission.READ)).isFalse();
        assertThat(acl.allows(OWNER, Permission.WRITE_ACP)).isTrue();
        assertThat(acl.allows(STRANGER, Permission.WRITE_ACP)).isFalse();
    }
}
