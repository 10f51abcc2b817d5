package jarrah.s3.store;

import jarrah.s3.store.Acl.Grant;
import jarrah.s3.store.Acl.Grantee;
import jarrah.s3.store.Acl.Permission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

/**
 * The records as bytes. Each begins with its version; a field that comes later is appended under a new version, and the
 * reader of the old one stays.
 *
 * <pre>
 * bucket  1, id, account, owner, region, created (ms), generation, acl, ownership
 * object  1, generation, size, last modified (ms), etag, parts, content, checksum, metadata, acl
 * upload  1, initiated (ms), initiator, metadata, acl, algorithm or "", type or ""
 * part    1, size, last modified (ms), etag, checksum, content
 *
 * content   0 | 1 number | 2 blob id | 3 upload id
 * checksum  0 | 1 algorithm, type, value
 * metadata  storage class, headers, user metadata
 * acl       owner, count, then of each grant: permission, 0 (owner) | 1 id | 2 group
 * </pre>
 */
final class Records {
    private static final int VERSION = 1;

    private Records() {}

    static byte[] encode(Bucket bucket) {
        var out = new RecordWriter(VERSION)
                .number(bucket.id())
                .text(bucket.accountId())
                .text(bucket.ownerId())
                .text(bucket.region())
                .number(bucket.created().toEpochMilli())
                .number(bucket.generation());
        acl(out, bucket.acl());
        return out.text(bucket.ownership().name()).toBytes();
    }

    static Bucket bucket(String name, byte[] bytes) {
        var in = new RecordReader(bytes, VERSION);
        return new Bucket(
                name,
                in.number(),
                in.text(),
                in.text(),
                in.text(),
                time(in),
                in.number(),
                acl(in),
                ObjectOwnership.valueOf(in.text()));
    }

    static byte[] encode(StoredObject object) {
        var out = new RecordWriter(VERSION)
                .number(object.generation())
                .number(object.size())
                .number(object.lastModified().toEpochMilli())
                .text(object.etag())
                .number(object.parts());
        content(out, object.content());
        checksum(out, object.checksum());
        metadata(out, object.metadata());
        acl(out, object.acl());
        return out.toBytes();
    }

    static StoredObject object(String key, byte[] bytes) {
        var in = new RecordReader(bytes, VERSION);
        long generation = in.number();
        long size = in.number();
        Instant modified = time(in);
        String etag = in.text();
        int parts = in.count();
        Content content = content(in);
        Optional<Checksum> checksum = checksum(in);
        Metadata metadata = metadata(in);
        return new StoredObject(key, generation, size, modified, etag, metadata, acl(in), checksum, parts, content);
    }

    static byte[] encode(Upload upload) {
        var out = new RecordWriter(VERSION)
                .number(upload.initiated().toEpochMilli())
                .text(upload.initiatorId());
        metadata(out, upload.metadata());
        acl(out, upload.acl());
        return out.text(upload.algorithm().map(ChecksumAlgorithm::name).orElse(""))
                .text(upload.type().map(Checksum.Type::name).orElse(""))
                .toBytes();
    }

    static Upload upload(String bucket, String key, String uploadId, byte[] bytes) {
        var in = new RecordReader(bytes, VERSION);
        Instant initiated = time(in);
        String initiator = in.text();
        Metadata metadata = metadata(in);
        Acl acl = acl(in);
        String algorithm = in.text();
        String type = in.text();
        return new Upload(
                bucket,
                key,
                uploadId,
                initiated,
                initiator,
                metadata,
                acl,
                algorithm.isEmpty() ? Optional.empty() : Optional.of(ChecksumAlgorithm.valueOf(algorithm)),
                type.isEmpty() ? Optional.empty() : Optional.of(Checksum.Type.valueOf(type)));
    }

    static byte[] encode(Part part) {
        var out = new RecordWriter(VERSION)
                .number(part.size())
                .number(part.lastModified().toEpochMilli())
                .text(part.etag());
        checksum(out, part.checksum());
        content(out, part.content());
        return out.toBytes();
    }

    static Part part(int number, byte[] bytes) {
        var in = new RecordReader(bytes, VERSION);
        return new Part(number, in.number(), time(in), in.text(), checksum(in), content(in));
    }

    private static Instant time(RecordReader in) {
        return Instant.ofEpochMilli(in.number());
    }

    private static void content(RecordWriter out, Content content) {
        switch (content) {
            case Content.Empty() -> out.octet(0);
            case Content.Small(long id) -> out.octet(1).number(id);
            case Content.Blob(String id) -> out.octet(2).text(id);
            case Content.Parts(String uploadId) -> out.octet(3).text(uploadId);
        }
    }

    private static Content content(RecordReader in) {
        int kind = in.octet();
        return switch (kind) {
            case 0 -> new Content.Empty();
            case 1 -> new Content.Small(in.number());
            case 2 -> new Content.Blob(in.text());
            case 3 -> new Content.Parts(in.text());
            default -> throw new IllegalStateException("Content of kind " + kind);
        };
    }

    private static void checksum(RecordWriter out, Optional<Checksum> checksum) {
        if (checksum.isEmpty()) {
            out.octet(0);
            return;
        }
        Checksum there = checksum.get();
        out.octet(1).text(there.algorithm().name()).text(there.type().name()).text(there.value());
    }

    private static Optional<Checksum> checksum(RecordReader in) {
        if (in.octet() == 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Checksum(ChecksumAlgorithm.valueOf(in.text()), Checksum.Type.valueOf(in.text()), in.text()));
    }

    private static void metadata(RecordWriter out, Metadata metadata) {
        out.text(metadata.storageClass()).map(metadata.headers()).map(metadata.user());
    }

    private static Metadata metadata(RecordReader in) {
        String storageClass = in.text();
        return new Metadata(in.map(), in.map(), storageClass);
    }

    private static void acl(RecordWriter out, Acl acl) {
        out.text(acl.ownerId()).number(acl.grants().size());
        for (Grant grant : acl.grants()) {
            out.text(grant.permission().name());
            switch (grant.grantee()) {
                case Grantee.CanonicalUser(String id) when id.equals(acl.ownerId()) -> out.octet(0);
                case Grantee.CanonicalUser(String id) -> out.octet(1).text(id);
                case Grantee.Group group -> out.octet(2).text(group.name());
            }
        }
    }

    private static Acl acl(RecordReader in) {
        String owner = in.text();
        int count = in.count();
        var grants = new ArrayList<Grant>(count);
        for (int i = 0; i < count; i++) {
            Permission permission = Permission.valueOf(in.text());
            int kind = in.octet();
            Grantee grantee = switch (kind) {
                case 0 -> new Grantee.CanonicalUser(owner);
                case 1 -> new Grantee.CanonicalUser(in.text());
                case 2 -> Grantee.Group.valueOf(in.text());
                default -> throw new IllegalStateException("A grantee of kind " + kind);
            };
            grants.add(new Grant(grantee, permission));
        }
        return new Acl(owner, grants);
    }
}
