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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The page that tells people what is served, made from the router's operations and AWS's list of names. */
class CompatibilityPageTest {
    private static final Path PAGE = Path.of("..", "docs", "compatibility", "s3.md");

    /** Older names of operations that are served under their present ones. */
    private static final Set<String> FORMER =
            Set.of("GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification", "PutBucketNotification");

    /** What no SDK of AWS knows. */
    private static final Set<S3Operation> OWN =
            Set.of(S3Operation.POST_OBJECT, S3Operation.WEBSITE, S3Operation.FOLLOW_CHANGES);

    /** Documents that are kept and given back, and change nothing. */
    private static boolean isKept(S3Operation operation) {
        return operation
                .wireName()
                .matches(".*(Analytics|IntelligentTiering|Inventory|Metrics|Accelerate)Configurations?");
    }

    @Test
    void everyServedOperationIsOneOfAws() {
        assertThat(OperationNames.of("s3"))
                .containsAll(Arrays.stream(S3Operation.values())
                        .filter(operation -> !OWN.contains(operation))
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

    private static String state(String name, @Nullable S3Operation operation) {
        if (operation == null) {
            return FORMER.contains(name) ? "served; the former name" : "`NotImplemented`";
        }
        if (isKept(operation)) {
            return "served: kept and given back, without effect";
        }
        return "served";
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
            page.append("| ")
                    .append(name)
                    .append(" | ")
                    .append(state(name, operation))
                    .append(" |\n");
        }
        page.append("""

                Of the served operations these options are not there and answer `NotImplemented` rather than being ignored: deletion with
                MFA, restoring with a selection or to an output location. Configurations of analytics, inventory, metrics, intelligent
                tiering and acceleration are kept and given back; no report is made of them and nothing gets faster. A requester who pays
                (`PutBucketRequestPayment`) has to say so, and nothing is charged. The listings `ListDirectoryBuckets` and all that is about directory buckets, tables, access points
                and Outposts belongs to other services of AWS's.
                """);
        return page.toString();
    }
}
