package jarrah.iam.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.aws.AwsException;
import jarrah.iam.SecretBox;
import jarrah.storage.Kv;
import jarrah.storage.MemoryKv;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, what they are called, and what they do in each state. */
class KeysTest {
    private static final String ACCOUNT = "123456789012";
    private static final byte[] TEXT = {1, 2, 3};
    private static final byte[] CONTEXT = {9};

    private final Kv kv = new MemoryKv();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T10:00:00Z"));

    @TempDir
    private Path directory = Path.of("");

    private Keys keys = open();

    @BeforeEach
    void reopen() {
        keys = open();
    }

    private Keys open() {
        try {
            return new Keys(kv, SecretBox.open(directory.resolve("secret.key")), clock, "us-east-1");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private KmsKey create() {
        return keys.create(ACCOUNT, "CUSTOMER", "", "", Map.of());
    }

    private static void refused(ThrowingCallable call, String code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AwsException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aKeyIsFoundByIdArnAliasAndArnOfTheAlias() {
        KmsKey key = create();
        keys.alias(ACCOUNT, "alias/a", key, true);
        for (String name :
                new String[] {key.id(), key.arn(), "alias/a", "arn:aws:kms:us-east-1:" + ACCOUNT + ":alias/a"}) {
            assertThat(keys.find(ACCOUNT, name).arn()).as(name).isEqualTo(key.arn());
        }
        refused(() -> keys.find(ACCOUNT, "alias/b"), "NotFoundException");
        refused(() -> keys.find("999999999999", key.id()), "NotFoundException");
        refused(() -> keys.find(ACCOUNT, key.arn().replace("us-east-1", "eu-west-1")), "NotFoundException");
        refused(() -> keys.find(ACCOUNT, "arn:aws:s3:::bucket"), "InvalidArnException");
        refused(() -> keys.alias(ACCOUNT, "alias/a", key, true), "AlreadyExistsException");
    }

    @Test
    void whatIsEncryptedOpensWithItsContextAloneAndAfterARestart() {
        KmsKey key = create();
        byte[] blob = keys.encrypt(key, TEXT, CONTEXT);
        assertThat(open().decrypt(blob, CONTEXT).plaintext()).isEqualTo(TEXT);
        refused(() -> keys.decrypt(blob, TEXT), "InvalidCiphertextException");
        for (int at = 0; at < blob.length; at++) {
            byte[] changed = blob.clone();
            changed[at] ^= 1;
            refused(() -> keys.decrypt(changed, CONTEXT), "InvalidCiphertextException");
        }
    }

    @Test
    void aDisabledKeyDoesNothing() {
        KmsKey key = create();
        byte[] blob = keys.encrypt(key, TEXT, CONTEXT);
        keys.change(key, now -> now.with(false, null));
        refused(() -> keys.encrypt(keys.find(ACCOUNT, key.id()), TEXT, CONTEXT), "DisabledException");
        refused(() -> keys.decrypt(blob, CONTEXT), "DisabledException");
        refused(() -> keys.make(key.arn(), ""), "KMS.DisabledException");
        keys.change(key, now -> now.with(true, null));
        assertThat(keys.decrypt(blob, CONTEXT).plaintext()).isEqualTo(TEXT);
    }

    @Test
    void aKeyToBeDeletedGoesAtItsTimeWithItsAliases() {
        KmsKey key = create();
        keys.alias(ACCOUNT, "alias/a", key, true);
        byte[] blob = keys.encrypt(key, TEXT, CONTEXT);
        keys.change(key, now -> now.with(false, clock.instant().plus(Duration.ofDays(7))));
        refused(() -> keys.decrypt(blob, CONTEXT), "KMSInvalidStateException");
        clock.advance(Duration.ofDays(7));
        refused(() -> keys.find(ACCOUNT, key.id()), "NotFoundException");
        refused(() -> keys.decrypt(blob, CONTEXT), "InvalidCiphertextException");
        assertThat(keys.aliases(ACCOUNT)).isEmpty();
        assertThat(keys.list(ACCOUNT)).isEmpty();
    }

    @Test
    void rotatedKeysOpenWhatOlderMaterialSealed() {
        KmsKey key = create();
        byte[] first = keys.encrypt(key, TEXT, CONTEXT);
        KmsKey rotated = keys.change(key, now -> keys.rotated(now, "ON_DEMAND"));
        byte[] second = keys.encrypt(rotated, TEXT, CONTEXT);
        keys.change(rotated, now -> keys.rotated(now, "ON_DEMAND"));
        assertThat(open().decrypt(first, CONTEXT).plaintext()).isEqualTo(TEXT);
        assertThat(open().decrypt(second, CONTEXT).plaintext()).isEqualTo(TEXT);
        for (int at = 0; at < second.length; at++) {
            byte[] changed = second.clone();
            changed[at] ^= 1;
            refused(() -> keys.decrypt(changed, CONTEXT), "InvalidCiphertextException");
        }
    }

    @Test
    void sweepingRemovesAndRotatesWhatIsDue() {
        KmsKey dying = create();
        KmsKey rotating = create();
        keys.change(dying, now -> now.with(false, clock.instant().plus(Duration.ofDays(7))));
        keys.change(
                rotating,
                now -> now.with(
                        now.material(), new KmsKey.Rotation(90, clock.instant().plus(Duration.ofDays(90)))));
        keys.sweep();
        assertThat(keys.find(ACCOUNT, rotating.id()).material()).hasSize(1);
        clock.advance(Duration.ofDays(90));
        keys.sweep();
        keys.sweep();
        assertThat(keys.find(ACCOUNT, rotating.id()).material()).hasSize(2);
        assertThat(kv.get(("kms/key/" + ACCOUNT + "/" + dying.id()).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isNull();
    }

    @Test
    void theKeyOfTheObjectStoreIsMadeWhenItIsFirstAskedFor() {
        DataKeys.Named named = keys.named(ACCOUNT, "");
        assertThat(keys.named(ACCOUNT, "alias/aws/s3").arn()).isEqualTo(named.arn());
        DataKeys.DataKey made = keys.make(named.arn(), "context");
        assertThat(keys.open(named.arn(), made.wrapped(), "context")).isEqualTo(made.plaintext());
        refused(() -> keys.open(named.arn(), made.wrapped(), "other"), "KMS.InvalidCiphertextException");
    }
}
