package jarrah.s3.store;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The object that a completion makes of an upload's parts: checked and computed before the transaction. */
final class PartAssembly {
    private final Upload upload;
    private final List<Part> parts = new ArrayList<>();
    private final PartIndex index = new PartIndex();
    private final Optional<Checksum> checksum;
    private final int uploaded;

    /**
     * Checks what the completion names against what was uploaded.
     *
     * @param there all parts that were uploaded
     */
    PartAssembly(Upload upload, Completion completion, List<Part> there) {
        this.upload = upload;
        uploaded = there.size();
        Map<Integer, Part> byNumber = there.stream().collect(Collectors.toMap(Part::number, Function.identity()));
        requireAscending(completion);
        for (Part.Named named : completion.parts()) {
            Part part = byNumber.get(named.number());
            if (part == null || !isNamed(part, named)) {
                throw new S3Exception.InvalidPart(upload.uploadId(), named.number(), ETags.bare(named.etag()));
            }
            parts.add(part);
            index.add(part.number(), part.size());
        }
        requireSizes(completion);
        checksum = PartChecksums.ofObject(upload, parts);
        requireChecksum(completion);
    }

    private void requireAscending(Completion completion) {
        if (completion.parts().isEmpty()) {
            throw new S3Exception.InvalidRequest("You must specify at least one part");
        }
        int former = 0;
        for (Part.Named named : completion.parts()) {
            if (named.number() <= former) {
                throw new S3Exception.InvalidPartOrder(upload.uploadId());
            }
            former = named.number();
        }
    }

    private static boolean isNamed(Part part, Part.Named named) {
        boolean sameChecksum = named.checksum().isEmpty()
                || part.checksum().isEmpty()
                || named.checksum().get().equals(part.checksum().get().value());
        return sameChecksum && ETags.bare(named.etag()).equals(part.etag());
    }

    private void requireSizes(Completion completion) {
        for (Part part : parts.subList(0, parts.size() - 1)) {
            if (part.size() < Limits.MIN_PART_BYTES) {
                throw new S3Exception.EntityTooSmall(part.size(), part.number(), part.etag());
            }
        }
        if (index.size() > Limits.MAX_OBJECT_BYTES) {
            throw new S3Exception.EntityTooLarge(index.size(), Limits.MAX_OBJECT_BYTES);
        }
        completion.expectedSize().filter(size -> size != index.size()).ifPresent(size -> {
            throw new S3Exception.InvalidRequest(
                    "The provided 'x-amz-mp-object-size' header value %d does not match the".formatted(size)
                            + " sum of the parts, %d.".formatted(index.size()));
        });
    }

    private void requireChecksum(Completion completion) {
        if (checksum.isEmpty()) {
            return;
        }
        // CompleteMultipartUpload of AWS's API reference, ChecksumType: one that contradicts the upload is a BadDigest.
        String type = checksum.get().type().name();
        completion
                .expectedType()
                .map(Enum::name)
                .filter(wanted -> !wanted.equals(type))
                .ifPresent(wanted -> {
                    throw new S3Exception.BadDigest("checksum type", wanted, type);
                });
        if (completion.expectedChecksum().isEmpty()) {
            return;
        }
        // A composite value comes with or without the number of parts.
        String expected = completion.expectedChecksum().get();
        String calculated = checksum.get().value();
        if (!calculated.equals(expected) && !calculated.equals(expected + "-" + parts.size())) {
            throw new S3Exception.BadDigest(checksum.get().algorithm().name(), expected, calculated);
        }
    }

    PartIndex index() {
        return index;
    }

    /** Whether there are parts that the object does not take. */
    boolean leavesParts() {
        return parts.size() < uploaded;
    }

    StoredObject object(VersionId version, Instant now, ObjectLock lock) {
        return StoredObject.builder(upload.key(), version, version.number(), now, upload.acl())
                .bytes(new Content.Parts(upload.uploadId()), index.size(), etag())
                .metadata(upload.metadata())
                .checksum(checksum)
                .parts(parts.size())
                .tags(upload.tags())
                .lock(lock)
                .encryption(upload.encryption())
                .build();
    }

    /** MD5 of the parts' MD5s, and their number. */
    private String etag() {
        var all = new ByteArrayOutputStream();
        parts.forEach(part -> all.writeBytes(HexFormat.of().parseHex(part.etag())));
        byte[] md5 = RunningDigests.messageDigest("MD5").digest(all.toByteArray());
        return HexFormat.of().formatHex(md5) + "-" + parts.size();
    }
}
