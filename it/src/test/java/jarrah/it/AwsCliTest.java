package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The aws CLI, with nothing but the server's {@code jarrahrc} sourced. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsCliTest {
    private final Path directory;
    private final Region region;
    private final Shell shell;

    AwsCliTest(@TempDir Path directory) throws IOException {
        Shell.require("aws", "AwsCliTest");
        this.directory = directory;
        region = Region.start(directory.resolve("data"));
        shell = new Shell(region, directory);
    }

    @BeforeAll
    void files() throws IOException {
        Files.writeString(directory.resolve("note.txt"), "a note\n");
        byte[] large = new byte[30_000_000];
        new Random(2).nextBytes(large);
        Files.write(directory.resolve("large.bin"), large);
    }

    @AfterAll
    void stop() {
        region.close();
    }

    @Test
    void theCallerIsTheFirstAccountsAdministrator() throws Exception {
        assertThat(shell.run("aws sts get-caller-identity --output text"))
                .contains(Region.ACCOUNT)
                .contains("arn:aws:iam::" + Region.ACCOUNT + ":user/admin");
    }

    @Test
    void aWrongSecretIsRefusedInTheServicesOwnWords() throws Exception {
        assertThat(shell.attempt("AWS_SECRET_ACCESS_KEY=wrong aws sts get-caller-identity")
                        .output())
                .contains("SignatureDoesNotMatch");
        assertThat(shell.attempt("AWS_SECRET_ACCESS_KEY=wrong aws s3 ls").output())
                .contains("SignatureDoesNotMatch");
        assertThat(shell.attempt("AWS_ACCESS_KEY_ID=AKIANOBODY aws sts get-caller-identity")
                        .output())
                .contains("InvalidClientTokenId");
        assertThat(shell.attempt("AWS_ACCESS_KEY_ID=AKIANOBODY aws s3 ls").output())
                .contains("InvalidAccessKeyId");
        assertThat(shell.attempt("AWS_ACCESS_KEY_ID=AKIANOBODY aws ec2 describe-instances")
                        .output())
                .contains("AuthFailure");
    }

    @Test
    void whatIsNotServedSaysSo() throws Exception {
        assertThat(shell.attempt("aws ec2 describe-hosts").output()).contains("UnsupportedOperation");
        assertThat(shell.attempt("aws iam list-roles").output()).contains("UnsupportedOperation");
        assertThat(shell.attempt("aws sts get-session-token").output()).contains("UnsupportedOperation");
        assertThat(shell.attempt("aws dynamodb list-tables").output()).contains("UnsupportedOperation");
        shell.run("aws s3 mb s3://unserved");
        assertThat(shell.attempt("aws s3api put-bucket-versioning --bucket unserved --versioning-configuration"
                                + " Status=Enabled,MFADelete=Enabled --mfa 1")
                        .output())
                .contains("NotImplemented");
    }

    @Test
    void filesGoUpAndComeBackWholeInPartsToo() throws Exception {
        shell.run("aws s3 mb s3://cli-files");
        shell.run("aws s3 cp note.txt s3://cli-files/ && aws s3 cp large.bin s3://cli-files/big/large.bin");
        shell.run("aws s3 cp s3://cli-files/big/large.bin back.bin && cmp large.bin back.bin");
        assertThat(shell.run("aws s3api head-object --bucket cli-files --key big/large.bin --query ETag"))
                .contains("-4");
        assertThat(shell.run("aws s3 ls s3://cli-files")).contains("PRE big/").contains("note.txt");
        shell.run("aws s3 cp s3://cli-files/big/large.bin s3://cli-files/big/copy.bin");
        shell.run("aws s3 cp s3://cli-files/big/copy.bin back2.bin && cmp large.bin back2.bin");
        shell.run("aws s3 rb --force s3://cli-files");
    }

    @Test
    void syncBothWaysMovesOnlyWhatChanged() throws Exception {
        shell.run("mkdir -p tree/sub && cp note.txt tree/a && cp note.txt tree/sub/b && aws s3 mb s3://cli-sync");
        assertThat(shell.run("aws s3 sync tree s3://cli-sync/t")).contains("upload:");
        assertThat(shell.run("aws s3 sync tree s3://cli-sync/t")).doesNotContain("upload:");
        shell.run("rm -rf tree2 && aws s3 sync s3://cli-sync/t tree2 && diff -r tree tree2");
        shell.run("rm tree/a && aws s3 sync --delete tree s3://cli-sync/t");
        assertThat(shell.run("aws s3 ls --recursive s3://cli-sync"))
                .contains("t/sub/b")
                .doesNotContain("t/a");
    }

    @Test
    void aPresignedUrlReadsThatOnePrivateObject() throws Exception {
        shell.run("aws s3 mb s3://cli-presign && aws s3 cp note.txt s3://cli-presign/note.txt");
        String url = shell.run("aws s3 presign s3://cli-presign/note.txt --expires-in 60")
                .strip();
        assertThat(shell.run("curl -sS '" + url + "'")).isEqualTo("a note\n");
        assertThat(shell.run("curl -sS '" + url.replace("note.txt", "nope.txt") + "'"))
                .contains("SignatureDoesNotMatch");
        assertThat(shell.run("curl -sS '" + region.api() + "/cli-presign/note.txt'"))
                .contains("AccessDenied");
    }

    @Test
    void checksumsAndMetadataComeBack() throws Exception {
        shell.run("aws s3 mb s3://cli-sums");
        for (String algorithm : new String[] {"CRC32", "SHA1", "SHA256"}) {
            String put = shell.run("aws s3api put-object --bucket cli-sums --key note --body note.txt"
                    + " --content-type text/x-note --metadata a=1,b=zwei --checksum-algorithm " + algorithm);
            assertThat(put).contains("Checksum" + algorithm);
            String head = shell.run("aws s3api head-object --bucket cli-sums --key note --checksum-mode ENABLED");
            assertThat(head)
                    .contains("Checksum" + algorithm)
                    .contains("text/x-note")
                    .contains("\"b\": \"zwei\"");
        }
    }

    @Test
    void conditionalWritesAreRefusedWhenTheyMustBe() throws Exception {
        shell.run("aws s3 mb s3://cli-cond");
        shell.run("aws s3api put-object --bucket cli-cond --key k --body note.txt --if-none-match '*'");
        assertThat(shell.attempt("aws s3api put-object --bucket cli-cond --key k --body note.txt --if-none-match '*'")
                        .output())
                .contains("PreconditionFailed");
    }

    @Test
    void anAccountMadeByHandHasItsOwnKeysAndSeesNothingOfTheFirst() throws Exception {
        shell.run("aws s3 mb s3://mine-alone && aws s3 cp note.txt s3://mine-alone/");
        String made = AccountCommands.run(region, "account", "create", "team-b", "--json");
        assertThat(made).contains("secretAccessKey");
        assertThat(AccountCommands.run(region, "account", "create", "team-b", "--json"))
                .isEqualTo(made);
        assertThat(AccountCommands.run(region, "account", "list"))
                .contains("team-b")
                .contains(Region.ACCOUNT);
        Shell other = new Shell(region.credentials().resolve("team-b").resolve("jarrahrc"), directory);
        assertThat(other.run("aws s3 ls")).doesNotContain("mine-alone");
        assertThat(other.attempt("aws s3 cp s3://mine-alone/note.txt -").output())
                .contains("403");
        assertThat(other.attempt("aws s3 mb s3://mine-alone").output()).contains("BucketAlreadyExists");
        assertThat(other.run("aws sts get-caller-identity --query Account --output text")
                        .strip())
                .isNotEqualTo(Region.ACCOUNT);
    }
}
