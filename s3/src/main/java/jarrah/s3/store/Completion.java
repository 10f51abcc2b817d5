package jarrah.s3.store;

import java.util.List;
import java.util.Optional;

/**
 * A multipart upload to be completed.
 *
 * @param parts in ascending order
 * @param expectedChecksum of the whole object (full object or composite, as the upload says), Base64
 * @param expectedType whether that is a full object's or a composite one
 * @param expectedSize of the whole object, bytes ({@code x-amz-mp-object-size})
 */
public record Completion(
        String bucket,
        String key,
        String uploadId,
        List<Part.Named> parts,
        WriteCondition condition,
        Optional<String> expectedChecksum,
        Optional<Checksum.Type> expectedType,
        Optional<Long> expectedSize) {}
