package jarrah.aws;

import jarrah.http.Headers;
import jarrah.http.QueryParameters;
import jarrah.http.RequestHead;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The fields that a presigned URL carries in its query: SDKs put there what the client would have to send besides, such as
 * {@code x-amz-acl} or {@code x-amz-meta-*}, and S3 takes them as if they had come as fields. All of them are signed.
 */
public final class PresignedFields {
    private static final String PREFIX = "x-amz-";

    /** What makes the signature itself, or is read from where it stands. */
    private static final Set<String> OF_THE_SIGNATURE = Set.of(
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "x-amz-expires",
            "x-amz-signedheaders",
            "x-amz-signature",
            "x-amz-security-token",
            "x-amz-content-sha256");

    /** Checksums of the body: who presigns has no body yet, and newer SDKs put that of an empty one there. */
    private static final List<String> OF_THE_BODY = List.of(
            "x-amz-checksum-crc32",
            "x-amz-checksum-crc32c",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-sha1",
            "x-amz-checksum-sha256",
            "x-amz-checksum-algorithm",
            "x-amz-sdk-checksum-algorithm");

    private PresignedFields() {}

    /**
     * The fields of a presigned request: those that were sent, then those of the query that were not.
     *
     * @throws AuthenticationException.Malformed if the query cannot be read, or holds what no field can
     */
    public static Headers of(RequestHead head) {
        String query = head.query();
        if (query == null || !query.toLowerCase(Locale.ROOT).contains(PREFIX)) {
            return head.headers();
        }
        QueryParameters parameters = QueryParameters.parse(query, QueryParameters.Plus.LITERAL)
                .orElseThrow(() -> new AuthenticationException.Malformed(true, "The query string cannot be read."));
        Headers fields = head.headers();
        for (QueryParameters.Pair parameter : parameters.pairs()) {
            String name = parameter.name().toLowerCase(Locale.ROOT);
            if (!isField(name) || head.headers().contains(name)) {
                continue;
            }
            if (!Headers.isName(name) || !Headers.isValue(parameter.value())) {
                throw new AuthenticationException.Malformed(true, "The query string holds what no header can.");
            }
            fields = fields == head.headers() ? fields.copy() : fields;
            fields.add(name, parameter.value());
        }
        return fields;
    }

    private static boolean isField(String name) {
        return name.startsWith(PREFIX) && !OF_THE_SIGNATURE.contains(name) && !OF_THE_BODY.contains(name);
    }
}
