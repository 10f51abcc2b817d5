package jarrah.s3.store;

import java.util.List;
import java.util.regex.Pattern;

/** The rules for names of general purpose buckets, from the S3 user guide. */
final class BucketName {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    /** Never in the name of a host, which a bucket's name becomes. */
    private static final List<String> LABELS = List.of("..", ".-", "-.");

    private static final List<String> PREFIXES = List.of("xn--", "sthree-", "amzn-s3-demo-");
    private static final List<String> SUFFIXES = List.of("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3");
    /** Historical clients find all services under paths that begin with this name. */
    private static final String SERVICES = "services";

    private BucketName() {}

    /** Passes or throws {@link S3Exception.InvalidBucketName}. */
    static void require(String name) {
        boolean valid = FORM.matcher(name).matches()
                && !ADDRESS.matcher(name).matches()
                && LABELS.stream().noneMatch(name::contains)
                && PREFIXES.stream().noneMatch(name::startsWith)
                && SUFFIXES.stream().noneMatch(name::endsWith)
                && !name.equals(SERVICES);
        if (!valid) {
            throw new S3Exception.InvalidBucketName(name);
        }
    }
}
