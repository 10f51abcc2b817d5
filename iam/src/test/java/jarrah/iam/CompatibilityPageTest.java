package jarrah.iam;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.aws.Authentication;
import jarrah.aws.AwsException;
import jarrah.aws.BodySigning;
import jarrah.aws.CredentialScope;
import jarrah.aws.OperationNames;
import jarrah.aws.QueryEndpoint;
import jarrah.aws.QueryRequest;
import jarrah.aws.RequestId;
import jarrah.storage.MemoryKv;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page that tells people what is served of IAM and STS, found by calling every operation of AWS's list. */
class CompatibilityPageTest {
    private static final Path PAGE = Path.of("..", "docs", "compatibility", "iam.md");
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    private Set<String> iam = Set.of();
    private Set<String> sts = Set.of();

    @BeforeEach
    void callEverything(@TempDir Path directory) throws IOException {
        var kv = new MemoryKv();
        var clock = new ManualClock(NOW);
        var box = SecretBox.open(directory.resolve("secret.key"));
        var accounts = new Accounts(kv, box, clock);
        String key = accounts.create(new NewAccount("a", Optional.empty(), Optional.empty(), Optional.empty()))
                .id();
        iam = served(
                "iam",
                new Iam(
                        accounts,
                        new Users(kv, box, clock, accounts),
                        new Certificates(kv, box, clock),
                        new Authorizer(clock)),
                key);
        sts = served("sts", new Sts(accounts, new Authorizer(clock)), key);
    }

    private static Set<String> served(String service, QueryEndpoint.Actions actions, String accessKeyId) {
        var caller = new Authentication.Signed(
                accessKeyId,
                new CredentialScope("20261122", "us-east-1", service),
                NOW,
                false,
                new BodySigning.Unsigned());
        return OperationNames.of(service).stream()
                .filter(name -> isServed(actions, name, caller))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isServed(QueryEndpoint.Actions actions, String name, Authentication.Signed caller) {
        try {
            return actions.call(QueryRequest.parse(null, "Action=" + name), caller, RequestId.query()).length > 0;
        } catch (QueryEndpoint.UnknownAction e) {
            return false;
        } catch (AwsException e) {
            return true; // it wants parameters
        }
    }

    /** Run with {@code -Djarrah.write-docs=true} to write the page anew. */
    @Test
    void thePageSaysWhatIsServed() throws IOException {
        String page = page();
        if (Boolean.getBoolean("jarrah.write-docs")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(page);
    }

    private String page() {
        return """
                # IAM and STS: what is served

                Made by calling every operation of AWS's lists; `./jarrah mvn -pl iam -am test -Dtest=CompatibilityPageTest
                -Dsurefire.failIfNoSpecifiedTests=false -Dtest.args=-Djarrah.write-docs=true` writes it anew.

                | service | served | of AWS's |
                | --- | --- | --- |
                | IAM | %s | %d |
                | STS | %s | %d |

                The others answer `UnsupportedOperation`, names that AWS does not have `InvalidAction`.

                An account is born with the user `admin`, who plays the part of AWS's root user: it keeps AdministratorAccess and the access key
                that the account was made with (`UnmodifiableEntity`). Further users may do what their inline policies and these managed policies say:
                AdministratorAccess, AmazonS3FullAccess, AmazonS3ReadOnlyAccess. There are no roles, groups, own managed policies, permissions
                boundaries or temporary credentials yet. A change holds at the very next request. EC2's actions are judged on the resource `*`.
                Accounts are made by `jarrah account create`, which gives out access key and X.509 certificate.

                **Signing certificates** say whose bundles RegisterImage takes: those that are signed by a certificate of the account. Upload the
                certificate of another region's credentials, and its bundles can be registered here. A user may have %d (AWS: 2); their status is
                always `Active`.
                """.formatted(
                        String.join(", ", iam),
                        OperationNames.of("iam").size(),
                        String.join(", ", sts),
                        OperationNames.of("sts").size(),
                        Certificates.MAX_CERTIFICATES);
    }
}
