package jarrah.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.storage.Kv;
import jarrah.storage.MemoryKv;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountCreationTest {
    private final Kv kv = new MemoryKv();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T10:00:00Z"));

    @TempDir
    private Path directory = Path.of("");

    private SecretBox box = openBox();
    private Accounts accounts = new Accounts(kv, box, clock);

    @BeforeEach
    void open() {
        box = openBox();
        accounts = new Accounts(kv, box, clock);
    }

    private SecretBox openBox() {
        try {
            return SecretBox.open(directory.resolve("secret.key"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static NewAccount named(String name) {
        return new NewAccount(name, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static NewAccount given(String name, String id, String key, String secret) {
        return new NewAccount(name, Optional.of(id), Optional.of(key), Optional.of(secret));
    }

    @Test
    void whatIsLeftOutIsMadeUpInTheShapesOfAws() {
        AccessKey key = accounts.create(named("first"));
        assertThat(key.account().id()).matches("[1-9][0-9]{11}");
        assertThat(key.account().canonicalId()).matches("[0-9a-f]{64}");
        assertThat(key.id()).matches("AKIA[A-Z2-7]{16}");
        assertThat(key.secret()).hasSize(40);
        assertThat(key.principal().arn())
                .isEqualTo("arn:aws:iam::" + key.account().id() + ":user/admin");
        assertThat(key.principal().userId()).matches("AIDA[A-Z2-7]{17}");
        assertThat(accounts.list()).containsExactly(key.account());
    }

    @Test
    void theSameAgainIsHarmless() {
        AccessKey first = accounts.create(given("ci", "123456789012", "AKIACI0000000000001", "secret-of-ci"));
        assertThat(accounts.create(given("ci", "123456789012", "AKIACI0000000000001", "secret-of-ci")))
                .isEqualTo(first);
        assertThat(accounts.create(named("ci"))).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({
        "ci, 123456789013, AKIACI0000000000001, secret-of-ci",
        "ci, 123456789012, AKIACI0000000000002, secret-of-ci",
        "ci, 123456789012, AKIACI0000000000001, another-secret",
        "other, 123456789012, AKIACI0000000000009, secret-of-ci",
        "other, 123456789019, AKIACI0000000000001, secret-of-ci"
    })
    void otherValuesForWhatIsThereAreRefusedAndChangeNothing(String name, String id, String key, String secret) {
        AccessKey first = accounts.create(given("ci", "123456789012", "AKIACI0000000000001", "secret-of-ci"));
        assertThatThrownBy(() -> accounts.create(given(name, id, key, secret)))
                .isInstanceOf(IamException.EntityAlreadyExists.class);
        assertThat(accounts.list()).containsExactly(first.account());
        assertThat(accounts.secretOf("AKIACI0000000000001")).isEqualTo("secret-of-ci");
    }

    @ParameterizedTest
    @CsvSource({
        "UPPER, 123456789012, AKIACI0000000000001, secret-of-ci",
        "'', 123456789012, AKIACI0000000000001, secret-of-ci",
        "../x, 123456789012, AKIACI0000000000001, secret-of-ci",
        "ok, 12345, AKIACI0000000000001, secret-of-ci",
        "ok, 123456789012, 'AKIA/..', secret-of-ci",
        "ok, 123456789012, AKIACI0000000000001, short",
        "ok, 123456789012, AKIACI0000000000001, 'with blanks in it'"
    })
    void valuesOfAnotherShapeAreRefused(String name, String id, String key, String secret) {
        assertThatThrownBy(() -> given(name, id, key, secret)).isInstanceOf(IamException.ValidationError.class);
    }

    @Test
    void aKeyIdWithoutItsSecretIsRefused() {
        assertThatThrownBy(() -> new NewAccount("ok", Optional.empty(), Optional.of("AKIAX"), Optional.empty()))
                .isInstanceOf(IamException.ValidationError.class);
    }

    @Test
    void everythingIsFoundAgainAfterARestart() {
        AccessKey key = accounts.create(named("first"));
        Accounts again = new Accounts(kv, openBox(), clock);
        assertThat(again.key(key.id())).isEqualTo(key);
        assertThat(again.findByName("first")).isEqualTo(key.account());
        assertThat(again.findCanonical(key.account().canonicalId())).isEqualTo(key.account());
        assertThat(again.adminKey(key.account().id())).isEqualTo(key);
        assertThat(again.key("AKIANOBODY")).isNull();
        assertThat(again.find("000000000000")).isNull();
    }

    @Test
    void noSecretLiesInTheStoreInTheClear() {
        AccessKey key = accounts.create(named("first"));
        Certificates certificates = new Certificates(kv, box, clock);
        String cloud = certificates.cloudCertificate();
        for (Kv.Entry entry : kv.scan(new byte[0], null, 10_000)) {
            String value = new String(entry.value(), StandardCharsets.ISO_8859_1);
            assertThat(value).doesNotContain(key.secret()).doesNotContain("PRIVATE KEY");
        }
        assertThat(certificates.cloudCertificate()).isEqualTo(cloud);
    }

    @Test
    void aReplacedKeyFileIsNoticed() throws IOException {
        AccessKey key = accounts.create(named("first"));
        Files.delete(directory.resolve("secret.key"));
        Accounts again = new Accounts(kv, openBox(), clock);
        assertThatThrownBy(() -> again.key(key.id())).hasMessageContaining("was the key file replaced?");
    }

    @Test
    void theKeyFileIsItsOwnersAlone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("secret.key"))))
                .isEqualTo("rw-------");
        Files.write(directory.resolve("short.key"), new byte[5]);
        assertThatThrownBy(() -> SecretBox.open(directory.resolve("short.key"))).isInstanceOf(IOException.class);
    }

    @Test
    void aSecretMovedToAnotherRecordDoesNotOpen() {
        byte[] sealed = box.seal(new byte[] {1, 2, 3}, "access key A");
        assertThat(box.unseal(sealed, "access key A")).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> box.unseal(sealed, "access key B")).isInstanceOf(IllegalStateException.class);
        sealed[sealed.length - 1] ^= 1;
        assertThatThrownBy(() -> box.unseal(sealed, "access key A")).isInstanceOf(IllegalStateException.class);
    }
}
