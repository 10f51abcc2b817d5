package jarrah.ec2.wire;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.aws.OperationNames;
import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.ComputeFixture;
import jarrah.ec2.compute.ComputeSettings;
import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.iam.Certificates;
import jarrah.iam.SecretBox;
import jarrah.machine.QemuImg;
import jarrah.s3.store.S3Store;
import jarrah.storage.FaultyDisk;
import jarrah.storage.FileBlobs;
import jarrah.storage.MemoryKv;
import jarrah.storage.VerifyMode;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page that tells people what is served, made from the actions, AWS's list of names, and {@code limits.txt}. */
class CompatibilityPageTest {
    private static final Path PAGE = Path.of("..", "docs", "compatibility", "ec2.md");
    private static final int LINE_CHARS = 120;

    private final Set<String> served = new TreeSet<>();

    @BeforeEach
    void askTheActions(@TempDir Path directory) throws IOException {
        var kv = new MemoryKv();
        var clock = new ManualClock(Instant.parse("2026-11-22T12:00:00Z"));
        var box = SecretBox.open(directory.resolve("key"));
        var accounts = new Accounts(kv, box, clock);
        var settings = new ComputeSettings(
                "us-east-1",
                List.of("us-east-1a"),
                directory.resolve("images"),
                directory.resolve("volumes"),
                directory.resolve("instances"),
                0,
                List.of());
        var blobs = new FileBlobs(new FaultyDisk(), Path.of("/blobs"), VerifyMode.ALWAYS, 0);
        try (var compute = new Compute(
                kv,
                ComputeFixture.s3(kv, new S3Store(kv, blobs, clock), accounts, box, clock),
                accounts,
                new Certificates(kv, box, clock),
                new QemuImg(),
                settings,
                clock)) {
            served.addAll(new Ec2Actions(compute, accounts, new Authorizer(Clock.systemUTC()), box).served());
        }
    }

    @Test
    void everyServedActionIsOneOfAws() {
        assertThat(OperationNames.of("ec2")).containsAll(served);
    }

    @Test
    void limitsAreToldOfServedActionsAlone() throws IOException {
        assertThat(served).containsAll(limits().keySet());
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

    private static Map<String, String> limits() throws IOException {
        var limits = new TreeMap<String, String>();
        try (InputStream in = CompatibilityPageTest.class.getResourceAsStream("limits.txt")) {
            new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(": ", 2))
                    .forEach(parts -> limits.put(parts[0], parts[1]));
        }
        return limits;
    }

    private String page() throws IOException {
        Map<String, String> limits = limits();
        var others = new TreeSet<>(OperationNames.of("ec2"));
        others.removeAll(served);
        var page = new StringBuilder("""
                # EC2: what is served

                Made from the actions, AWS's list of operations and `limits.txt` beside the test; `./jarrah mvn -pl ec2 -am test
                -Dtest=CompatibilityPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dtest.args=-Djarrah.write-docs=true` writes it anew.

                """);
        page.append(
                "Of AWS's %d operations %d are served, as far as the table says. How it all works: [compute](../compute/README.md).\n\n"
                        .formatted(served.size() + others.size(), served.size()));
        page.append("| operation | what differs from AWS |\n| --- | --- |\n");
        served.forEach(name -> page.append("| %s | %s |\n".formatted(name, limits.getOrDefault(name, ""))));
        page.append("""

                ## Everywhere

                - API versions: any date is accepted, and echoed in the namespace of the answer. Signature version 4, in header or query.
                - Account and region are the boundary of everything; the account's administrator may do all, and there are no policies yet.
                  Images are shared by launch permission, and with them the snapshots that they begin with.
                - `DryRun` checks all that can be checked without effects. Filters that are not known are `InvalidParameterValue`.
                - Parameters of a served action that the table does not speak of and that have no meaning here (monitoring, tenancy, spot
                  market, IAM instance profile, EBS optimization, IPv6 addresses, launch templates) are not read.
                - Ephemeral disks are empty and unformatted, and lost when the instance stops.
                - Devices by profile: `nitro` (NVMe), `virtio`, `legacy`, `ide`; chosen by the tag `jarrah:device-profile` at RegisterImage, see
                  [old guests](../images/old-guests.md). Without it: `virtio` with a kernel, else `nitro`.
                - Without public addresses (the server is not root) the tag `jarrah:ssh` of an instance shows HOST:PORT of its port 22.

                ## Not served

                These answer `UnsupportedOperation`, any other name `InvalidAction`:

                """);
        appendWrapped(page, String.join(", ", others) + ".");
        return page.toString();
    }

    private static void appendWrapped(StringBuilder page, String text) {
        int column = 0;
        for (String word : text.split(" ")) {
            if (column > 0 && column + 1 + word.length() > LINE_CHARS) {
                page.append('\n');
                column = 0;
            }
            page.append(column == 0 ? "" : " ").append(word);
            column += word.length() + (column == 0 ? 0 : 1);
        }
        page.append('\n');
    }
}
