package jarrah.s3.wire;

import jarrah.aws.SignedBody;
import jarrah.aws.XmlWriter;
import jarrah.http.Headers;
import jarrah.s3.store.BodyDigests;
import jarrah.s3.store.Checksum;
import jarrah.s3.store.ChecksumAlgorithm;
import jarrah.s3.store.S3Exception;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The digests that clients send and ask for ("Checking object integrity"). */
final class ChecksumHeaders {
    private static final int MD5_BYTES = 16;
    private static final String PREFIX = "x-amz-checksum-";

    /** What begins so: a value for each algorithm, and what else says something of checksums. */
    private static final Set<String> KNOWN = Stream.concat(
                    Stream.of(PREFIX + "algorithm", PREFIX + "type", PREFIX + "mode"),
                    Arrays.stream(ChecksumAlgorithm.values()).map(ChecksumAlgorithm::header))
            .collect(Collectors.toUnmodifiableSet());

    private ChecksumHeaders() {}

    /** What is to be computed over an upload's bytes and what is expected of them, from its head and its trailer. */
    static BodyDigests of(S3Request request, SignedBody body) {
        Optional<byte[]> md5 = md5(request.header("Content-MD5"));
        ChecksumAlgorithm inHeader = inHeader(request.headers());
        ChecksumAlgorithm inTrailer = inTrailer(request.header("x-amz-trailer"));
        if (inHeader != null && inTrailer != null) {
            throw new S3Exception.InvalidRequest("Expecting a single x-amz-checksum- header");
        }
        if (inHeader != null) {
            byte[] expected = decode(inHeader, String.valueOf(request.header(inHeader.header())));
            return new BodyDigests(Optional.of(inHeader), md5, () -> Optional.of(expected));
        }
        if (inTrailer != null) {
            return new BodyDigests(
                    Optional.of(inTrailer),
                    md5,
                    () -> Optional.ofNullable(body.trailer(inTrailer.header())).map(value -> decode(inTrailer, value)));
        }
        if (request.header("x-amz-sdk-checksum-algorithm") != null) {
            throw new S3Exception.InvalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding"
                    + " x-amz-checksum-* or x-amz-trailer headers were found.");
        }
        return new BodyDigests(Optional.empty(), md5, Optional::empty);
    }

    private static @Nullable ChecksumAlgorithm inHeader(Headers headers) {
        headers.forEach((name, _) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith(PREFIX) && !KNOWN.contains(lower)) {
                throw new S3Exception.InvalidRequest(
                        "The algorithm type you specified in x-amz-checksum- header is invalid.");
            }
        });
        ChecksumAlgorithm found = null;
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            if (headers.contains(algorithm.header())) {
                if (found != null) {
                    throw new S3Exception.InvalidRequest(
                            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
                }
                found = algorithm;
            }
        }
        return found;
    }

    private static @Nullable ChecksumAlgorithm inTrailer(@Nullable String trailer) {
        if (trailer == null) {
            return null;
        }
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            if (trailer.toLowerCase(Locale.ROOT).strip().equals(algorithm.header())) {
                return algorithm;
            }
        }
        throw new S3Exception.InvalidRequest("The value specified in the x-amz-trailer header is not supported");
    }

    private static Optional<byte[]> md5(@Nullable String value) {
        if (value == null) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(value.strip());
            if (bytes.length == MD5_BYTES) {
                return Optional.of(bytes);
            }
        } catch (IllegalArgumentException e) {
            throw new S3WireException.InvalidDigest(value);
        }
        throw new S3WireException.InvalidDigest(value);
    }

    private static byte[] decode(ChecksumAlgorithm algorithm, String value) {
        try {
            byte[] bytes = Base64.getDecoder().decode(value.strip());
            if (bytes.length == algorithm.bytes()) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw invalid(algorithm);
        }
        throw invalid(algorithm);
    }

    private static S3Exception invalid(ChecksumAlgorithm algorithm) {
        return new S3Exception.InvalidRequest("Value for " + algorithm.header() + " header is invalid.");
    }

    /** The algorithm that a multipart upload or a copy is to use; empty if none is named. */
    static Optional<ChecksumAlgorithm> algorithm(S3Request request) {
        String name = request.header("x-amz-checksum-algorithm");
        if (name == null) {
            return Optional.empty();
        }
        ChecksumAlgorithm algorithm = ChecksumAlgorithm.of(name);
        if (algorithm == null) {
            throw new S3Exception.InvalidRequest(
                    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32,"
                            + " CRC32C, CRC64NVME, SHA1, SHA256]");
        }
        return Optional.of(algorithm);
    }

    /** The kind of checksum that a multipart upload is to have; empty if none is named. */
    static Optional<Checksum.Type> type(S3Request request) {
        String name = request.header("x-amz-checksum-type");
        if (name == null) {
            return Optional.empty();
        }
        if (request.header("x-amz-checksum-algorithm") == null) {
            throw new S3Exception.InvalidRequest(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }
        return Optional.of(type(name));
    }

    private static Checksum.Type type(String name) {
        for (Checksum.Type type : Checksum.Type.values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw new S3Exception.InvalidRequest("Value for x-amz-checksum-type header is invalid.");
    }

    /** The kind of checksum that a completion expects; empty if none is named. */
    static Optional<Checksum.Type> typeOfCompletion(S3Request request) {
        return Optional.ofNullable(request.header("x-amz-checksum-type")).map(ChecksumHeaders::type);
    }

    /** The value that a completion expects of the whole object; empty if none is given. */
    static Optional<String> ofCompletion(S3Request request) {
        ChecksumAlgorithm algorithm = inHeader(request.headers());
        return algorithm == null ? Optional.empty() : Optional.ofNullable(request.header(algorithm.header()));
    }

    static void write(Optional<Checksum> checksum, Headers headers) {
        checksum.ifPresent(sum -> headers.add(sum.algorithm().header(), sum.value())
                .add("x-amz-checksum-type", sum.type().name()));
    }

    /** {@code <ChecksumCRC32>..}. */
    static void write(Optional<Checksum> checksum, XmlWriter xml) {
        checksum.ifPresent(sum -> xml.text("Checksum" + sum.algorithm().name(), sum.value()));
    }
}
