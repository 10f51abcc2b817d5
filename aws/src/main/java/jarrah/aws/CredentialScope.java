package jarrah.aws;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a signing key is good for: {@code DATE/REGION/SERVICE/aws4_request}.
 *
 * @param date eight digits, {@code yyyyMMdd}
 * @param region the region as the client named it; not checked against ours unless configured
 * @param service the service's signing name, e.g. {@code s3}
 */
public record CredentialScope(String date, String region, String service) {
    private static final Pattern DATE = Pattern.compile("[0-9]{8}");

    /** Of signatures of version 2, which are good for S3 and nothing more is said. */
    static final CredentialScope NONE = new CredentialScope("", "", "s3");

    /** An access key id with the scope that it signs for, as in {@code Credential=}. */
    record Credential(String accessKeyId, CredentialScope scope) {
        /** Parses {@code AKID/yyyyMMdd/region/service/aws4_request}; null if it is not of that form. */
        static @Nullable Credential parse(String text) {
            List<String> parts = List.of(text.split("/", -1));
            int last = parts.size() - 1;
            // An access key id may hold a slash in other people's clouds: take the scope from the end.
            if (last < 4
                    || !parts.get(last).equals("aws4_request")
                    || !DATE.matcher(parts.get(last - 3)).matches()) {
                return null;
            }
            String accessKeyId = String.join("/", parts.subList(0, last - 3));
            if (accessKeyId.isEmpty()
                    || parts.get(last - 2).isEmpty()
                    || parts.get(last - 1).isEmpty()) {
                return null;
            }
            return new Credential(
                    accessKeyId, new CredentialScope(parts.get(last - 3), parts.get(last - 2), parts.get(last - 1)));
        }
    }

    @Override
    public String toString() {
        return date + "/" + region + "/" + service + "/aws4_request";
    }
}
