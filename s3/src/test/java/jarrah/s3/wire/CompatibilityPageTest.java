package jarrah.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.aws.OperationNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page that tells people what is served, made from the router's operations and AWS's list of names. */
class CompatibilityPageTest {
    private static final Path PAGE = Path.of("..", "docs", "compatibility", "s3.md");

    /** Settings of a bucket that can be read, at the values that AWS gives before anybody sets them, and not changed yet. */
    private static final Set<S3Operation> READ_ONLY = Set.of(
            S3Operation.GET_BUCKET_OWNERSHIP_CONTROLS,
            S3Operation.GET_BUCKET_REQUEST_PAYMENT,
            S3Operation.GET_BUCKET_LOGGING,
            S3Operation.GET_BUCKET_ACCELERATE_CONFIGURATION,
            S3Operation.GET_BUCKET_POLICY,
            S3Operation.GET_BUCKET_POLICY_STATUS,
            S3Operation.GET_BUCKET_CORS,
            S3Operation.GET_BUCKET_LIFECYCLE_CONFIGURATION,
            S3Operation.GET_BUCKET_TAGGING,
            S3Operation.GET_BUCKET_ENCRYPTION,
            S3Operation.GET_BUCKET_WEBSITE,
            S3Operation.GET_BUCKET_REPLICATION,
            S3Operation.GET_PUBLIC_ACCESS_BLOCK);

    @Test
    void everyServedOperationIsOneOfAws() {
        assertThat(OperationNames.of("s3"))
                .containsAll(Arrays.stream(S3Operation.values())
                        .map(S3Operation::wireName)
                        .toList());
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

    private static String page() {
        var served = Arrays.stream(S3Operation.values())
                .collect(Collectors.toMap(S3Operation::wireName, operation -> operation));
        var page = new StringBuilder("""
                # S3: what is served

                Made from the router and AWS's list of operations; `./jarrah mvn -pl s3 -am test -Dtest=CompatibilityPageTest
                -Dsurefire.failIfNoSpecifiedTests=false -Dtest.args=-Djarrah.write-docs=true` writes it anew.

                | operation | |
                | --- | --- |
                """);
        for (String name : new TreeSet<>(OperationNames.of("s3"))) {
            S3Operation operation = served.get(name);
            String state = operation == null
                    ? "`NotImplemented`"
                    : READ_ONLY.contains(operation) ? "read; it cannot be changed yet" : "served";
            page.append("| ").append(name).append(" | ").append(state).append(" |\n");
        }
        page.append("""

                Of the served operations these options are not there yet and answer `NotImplemented` rather than being ignored:
                server-side encryption, deletion with MFA, storage classes that must be restored. RestoreObject therefore says of every
                object that it is not archived (`InvalidObjectState`).
                Signature version 2 is refused (`InvalidRequest`). The listings `ListDirectoryBuckets` and all that is about directory
                buckets, tables, access points and Outposts belongs to other services of AWS's.
                """);
        return page.toString();
    }
}
