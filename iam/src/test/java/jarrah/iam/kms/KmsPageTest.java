package jarrah.iam.kms;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.aws.Authentication;
import jarrah.aws.AwsException;
import jarrah.aws.BodySigning;
import jarrah.aws.CredentialScope;
import jarrah.aws.OperationNames;
import jarrah.http.Headers;
import jarrah.http.RequestHead;
import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.iam.NewAccount;
import jarrah.iam.SecretBox;
import jarrah.storage.MemoryKv;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page that tells people what is served of KMS, found by calling every operation of AWS's list. */
class KmsPageTest {
    private static final Path PAGE = Path.of("..", "docs", "compatibility", "kms.md");
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private final TreeSet<String> served = new TreeSet<>();
    private final TreeSet<String> others = new TreeSet<>();

    @BeforeEach
    void callEverything(@TempDir Path directory) throws IOException {
        var kv = new MemoryKv();
        var clock = new ManualClock(NOW);
        var box = SecretBox.open(directory.resolve("secret.key"));
        var accounts = new Accounts(kv, box, clock);
        var caller = new Authentication.Signed(
                accounts.create(new NewAccount("a", Optional.empty(), Optional.empty(), Optional.empty()))
                        .id(),
                new CredentialScope("20261122", "us-east-1", "kms"),
                NOW,
                false,
                new BodySigning.Unsigned());
        var kms = new Kms(new Keys(kv, box, clock, "us-east-1"), accounts, new Authorizer(clock));
        for (String name : OperationNames.of("kms")) {
            (isServed(kms, name, caller) ? served : others).add(name);
        }
    }

    private static boolean isServed(Kms kms, String name, Authentication.Signed caller) {
        var head = new RequestHead(
                "POST",
                "/",
                Headers.of(),
                new InetSocketAddress("127.0.0.1", 1),
                new InetSocketAddress("127.0.0.1", 2),
                false);
        try {
            kms.call(name, "{}".getBytes(StandardCharsets.UTF_8), head, caller);
            return true;
        } catch (AwsException e) {
            return !e.code().equals("UnknownOperationException") && !e.code().equals("UnsupportedOperationException");
        }
    }

    /** Run with {@code -Djarrah.write-docs=true} to write the page anew. */
    @Test
    void thePageSaysWhatIsServed() throws IOException {
        String page = """
                # KMS: what is served

                Made by calling every operation of AWS's list; `./jarrah mvn -pl iam -am test -Dtest=KmsPageTest
                -Dsurefire.failIfNoSpecifiedTests=false -Dtest.args=-Djarrah.write-docs=true` writes it anew.

                Served: %s.

                Not served: %s. Those about grants answer `UnsupportedOperationException`, the others `UnknownOperationException`.

                Keys are symmetric (`SYMMETRIC_DEFAULT`), for encryption and decryption, with material made here; others are refused
                (`UnsupportedOperationException`). A key's policy is judged together with the caller's policies. A key has at most 50 tags and is rotated on
                demand at most 25 times. Condition keys of KMS (`kms:ViaService` and the like) have no values.
                """.formatted(String.join(", ", served), String.join(", ", others));
        if (Boolean.getBoolean("jarrah.write-docs")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }
}
