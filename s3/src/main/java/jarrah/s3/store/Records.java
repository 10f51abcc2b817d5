package jarrah.s3.store;

import jarrah.s3.store.Acl.Grant;
import jarrah.s3.store.Acl.Grantee;
import jarrah.s3.store.Acl.Permission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records as bytes. Each begins with its version; the readers of old versions stay. What not every bucket or object
 * has is a section: a number that says what it is, and bytes of its own. So a new section needs no new version, and
 * costs nothing where it is missing; a program that does not know it refuses the record, since it may be what makes the
 * bytes readable.
 *
 * <pre>
 * bucket  1, id, account, owner, region, created (ms), generation, acl, ownership
 *         2, as 1, sections: 1 versioning | 2 object lock: 0 or 1 mode, days, years
 * object  1, generation, size, last modified (ms), etag, parts, content, checksum, metadata, acl
 *         2, version number, version salt (8 bytes), 1 if a delete marker, then as 1, sections: 1 tags | 2 retention: mode,
 *            until (ms) | 3 legal hold: 0 or 1 | 4 encryption | 5 replication: status, count, destinations
 *            | 6 restoration: ready (ms), until (ms) | 7 replicas elsewhere: destinations with version ids
 * upload  1, initiated (ms), initiator, metadata, acl, algorithm or "", type or ""
 *         2, as 1, sections as an object's
 * part    1, size, last modified (ms), etag, checksum, content
 *         2, as 1, then 0 or 1 encryption
 *
 * content   0 | 1 number | 2 blob id | 3 upload id
 * checksum  0 | 1 algorithm, type, value
 * metadata  storage class, headers, user metadata
 * acl       owner, count, then of each grant: permission, 0 (owner) | 1 id | 2 group
 * encryption  kind, key id, wrapped key, MD5 of a customer's key, context, 0 or 1 bucket key
 * sections  count, then of each: number, bytes
 * </pre>
 */
final class Records {
    private static final int VERSION = 2;
    private static final int PART_VERSION = 2;

    private static final int VERSIONING = 1;
    private static final int BUCKET_LOCK = 2;

    private static final List<Permission> PERMISSIONS = List.of(Permission.values());
    private static final List<Grantee.Group> GROUPS = List.of(Grantee.Group.values());
    private static final List<ChecksumAlgorithm> ALGORITHMS = List.of(ChecksumAlgorithm.values());
    private static final List<Checksum.Type> TYPES = List.of(Checksum.Type.values());

    private static final int TAGS = 1;
    private static final int RETENTION = 2;
    private static final int LEGAL_HOLD = 3;
    private static final int ENCRYPTION = 4;
    private static final int REPLICATION = 5;
    private static final int RESTORATION = 6;
    private static final int REMOTES = 7;

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
        out.text(bucket.ownership().name());
        var sections = new LinkedHashMap<Integer, RecordWriter>();
        if (bucket.versioning() != Versioning.UNSET) {
            sections.put(
                    VERSIONING, RecordWriter.section().text(bucket.versioning().name()));
        }
        if (bucket.objectLock()) {
            var section = RecordWriter.section();
            bucket.defaultRetention()
                    .ifPresentOrElse(
                            there -> section.octet(1)
                                    .text(there.mode().name())
                                    .number(there.days())
                                    .number(there.years()),
                            () -> section.octet(0));
            sections.put(BUCKET_LOCK, section);
        }
        return sections(out, sections).toBytes();
    }

    static Bucket bucket(String name, byte[] bytes) {
        var in = new RecordReader(bytes, VERSION);
        long id = in.number();
        String accountId = in.text();
        String ownerId = in.text();
        String region = in.text();
        Instant created = time(in);
        long generation = in.number();
        Acl acl = acl(in);
        var ownership = ObjectOwnership.valueOf(in.text());
        var versioning = Versioning.UNSET;
        boolean lock = false;
        Optional<DefaultRetention> retention = Optional.empty();
        for (int left = in.version() == 1 ? 0 : in.count(); left > 0; left--) {
            int kind = in.count();
            RecordReader section = in.section();
            switch (kind) {
                case VERSIONING -> versioning = Versioning.valueOf(section.text());
                case BUCKET_LOCK -> {
                    lock = true;
                    retention = section.octet() == 0
                            ? Optional.empty()
                            : Optional.of(new DefaultRetention(
                                    Retention.Mode.valueOf(section.text()), section.count(), section.count()));
                }
                default -> throw unknown("bucket", kind);
            }
        }
        return new Bucket(
                name, id, accountId, ownerId, region, created, generation, acl, ownership, versioning, lock, retention);
    }

    private static IllegalStateException unknown(String what, int kind) {
        return new IllegalStateException("A section %d of a %s, from a later program".formatted(kind, what));
    }

    static byte[] encode(StoredObject object) {
        var out = new RecordWriter(VERSION)
                .number(object.version().number())
                .bits(object.version().salt())
                .octet(object.deleteMarker() ? 1 : 0)
                .number(object.generation())
                .number(object.size())
                .number(object.lastModified().toEpochMilli())
                .text(object.etag())
                .number(object.parts());
        content(out, object.content());
        checksum(out, object.checksum());
        metadata(out, object.metadata());
        acl(out, object.acl());
        return sections(
                        out,
                        sections(
                                object.tags(),
                                object.lock(),
                                object.encryption(),
                                object.replication(),
                                object.restoration()))
                .toBytes();
    }

    private static Map<Integer, RecordWriter> sections(
            Map<String, String> tags,
            ObjectLock lock,
            Optional<Encryption> encryption,
            Optional<ReplicationState> replication,
            Optional<Restoration> restoration) {
        if (tags.isEmpty() && !lock.isSet() && encryption.isEmpty() && replication.isEmpty() && restoration.isEmpty()) {
            return Map.of();
        }
        var sections = new LinkedHashMap<Integer, RecordWriter>();
        if (!tags.isEmpty()) {
            sections.put(TAGS, RecordWriter.section().map(tags));
        }
        lock.retention()
                .ifPresent(there -> sections.put(
                        RETENTION,
                        RecordWriter.section()
                                .text(there.mode().name())
                                .number(there.until().toEpochMilli())));
        encryption.ifPresent(there -> sections.put(ENCRYPTION, encryption(RecordWriter.section(), there)));
        restoration.ifPresent(there -> sections.put(
                RESTORATION,
                RecordWriter.section()
                        .number(there.ready().toEpochMilli())
                        .number(there.until().toEpochMilli())));
        replication.ifPresent(there -> {
            RecordWriter section = RecordWriter.section()
                    .text(there.status().name())
                    .number(there.destinations().size());
            there.destinations().forEach(section::text);
            sections.put(REPLICATION, section);
            if (!there.remotes().isEmpty()) {
                sections.put(REMOTES, RecordWriter.section().map(there.remotes()));
            }
        });
        lock.legalHold()
                .ifPresent(on -> sections.put(LEGAL_HOLD, RecordWriter.section().octet(on ? 1 : 0)));
        return sections;
    }

    private static RecordWriter sections(RecordWriter out, Map<Integer, RecordWriter> sections) {
        out.number(sections.size());
        sections.forEach((kind, section) -> out.number(kind).blob(section.toBytes()));
        return out;
    }

    static StoredObject object(String key, byte[] bytes) {
        var in = new RecordReader(bytes, VERSION);
        boolean first = in.version() == 1;
        VersionId version = first ? VersionId.none(0) : new VersionId(in.number(), in.bits());
        boolean marker = !first && in.octet() == 1;
        long generation = in.number();
        long size = in.number();
        Instant modified = time(in);
        String etag = in.text();
        int parts = in.count();
        Content content = content(in);
        Optional<Checksum> checksum = checksum(in);
        Metadata metadata = metadata(in);
        // What was put before there were versions is older than any of them; its generation says in which order.
        var object = StoredObject.builder(
                        key, first ? VersionId.none(generation) : version, generation, modified, acl(in))
                .deleteMarker(marker)
                .bytes(content, size, etag)
                .parts(parts)
                .checksum(checksum)
                .metadata(metadata);
        Sections sections = first ? Sections.NONE : objectSections(in);
        return object.tags(sections.tags)
                .lock(sections.lock)
                .encryption(sections.encryption)
                .replication(sections.replication)
                .restoration(sections.restoration)
                .build();
    }

    /** The sections of an object or an upload. */
    private record Sections(
            Map<String, String> tags,
            ObjectLock lock,
            Optional<Encryption> encryption,
            Optional<ReplicationState> replication,
            Optional<Restoration> restoration) {
        static final Sections NONE =
                new Sections(Map.of(), ObjectLock.NONE, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static Sections objectSections(RecordReader in) {
        int left = in.count();
        if (left == 0) {
            return Sections.NONE;
        }
        Map<String, String> tags = Map.of();
        Optional<Retention> retention = Optional.empty();
        Optional<Boolean> hold = Optional.empty();
        Optional<Encryption> encryption = Optional.empty();
        Optional<ReplicationState> replication = Optional.empty();
        Optional<Restoration> restoration = Optional.empty();
        Map<String, String> remotes = Map.of();
        for (; left > 0; left--) {
            int kind = in.count();
            RecordReader section = in.section();
            switch (kind) {
                case TAGS -> tags = section.map();
                case RETENTION ->
                    retention = Optional.of(new Retention(Retention.Mode.valueOf(section.text()), time(section)));
                case LEGAL_HOLD -> hold = Optional.of(section.octet() == 1);
                case ENCRYPTION -> encryption = Optional.of(encryption(section));
                case RESTORATION -> restoration = Optional.of(new Restoration(time(section), time(section)));
                case REPLICATION -> replication = Optional.of(replication(section));
                case REMOTES -> remotes = section.map();
                default -> throw unknown("object", kind);
            }
        }
        if (!remotes.isEmpty() && replication.isPresent()) {
            replication = Optional.of(new ReplicationState(
                    replication.get().status(), replication.get().destinations(), remotes));
        }
        return new Sections(tags, new ObjectLock(retention, hold), encryption, replication, restoration);
    }

    private static ReplicationState replication(RecordReader in) {
        var status = ReplicationState.Status.valueOf(in.text());
        int count = in.count();
        var destinations = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            destinations.add(in.text());
        }
        return new ReplicationState(status, destinations, Map.of());
    }

    static byte[] encode(Upload upload) {
        var out = new RecordWriter(VERSION)
                .number(upload.initiated().toEpochMilli())
                .text(upload.initiatorId());
        metadata(out, upload.metadata());
        acl(out, upload.acl());
        out.text(upload.algorithm().map(ChecksumAlgorithm::name).orElse(""))
                .text(upload.type().map(Checksum.Type::name).orElse(""));
        return sections(
                        out,
                        sections(upload.tags(), upload.lock(), upload.encryption(), Optional.empty(), Optional.empty()))
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
        Sections sections = in.version() == 1 ? Sections.NONE : objectSections(in);
        return new Upload(
                bucket,
                key,
                uploadId,
                initiated,
                initiator,
                metadata,
                acl,
                algorithm.isEmpty() ? Optional.empty() : Optional.of(ChecksumAlgorithm.valueOf(algorithm)),
                type.isEmpty() ? Optional.empty() : Optional.of(Checksum.Type.valueOf(type)),
                sections.tags,
                sections.lock,
                sections.encryption);
    }

    static byte[] encode(Part part) {
        var out = new RecordWriter(PART_VERSION)
                .number(part.size())
                .number(part.lastModified().toEpochMilli())
                .text(part.etag());
        checksum(out, part.checksum());
        content(out, part.content());
        out.octet(part.encryption().isPresent() ? 1 : 0);
        part.encryption().ifPresent(there -> encryption(out, there));
        return out.toBytes();
    }

    static Part part(int number, byte[] bytes) {
        var in = new RecordReader(bytes, PART_VERSION);
        return new Part(number, in.number(), time(in), in.text(), checksum(in), content(in), partEncryption(in));
    }

    private static Optional<Encryption> partEncryption(RecordReader in) {
        return in.version() == 1 || in.octet() == 0 ? Optional.empty() : Optional.of(encryption(in));
    }

    private static RecordWriter encryption(RecordWriter out, Encryption encryption) {
        return out.text(encryption.kind().name())
                .text(encryption.keyId())
                .blob(encryption.wrappedKey())
                .text(encryption.customerKeyMd5())
                .text(encryption.context())
                .octet(encryption.bucketKey() ? 1 : 0);
    }

    private static Encryption encryption(RecordReader in) {
        return new Encryption(
                Encryption.Kind.valueOf(in.text()), in.text(), in.blob(), in.text(), in.text(), in.octet() == 1);
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
        return Optional.of(new Checksum(in.constant(ALGORITHMS), in.constant(TYPES), in.text()));
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
            Permission permission = in.constant(PERMISSIONS);
            int kind = in.octet();
            Grantee grantee = switch (kind) {
                case 0 -> new Grantee.CanonicalUser(owner);
                case 1 -> new Grantee.CanonicalUser(in.text());
                case 2 -> in.constant(GROUPS);
                default -> throw new IllegalStateException("A grantee of kind " + kind);
            };
            grants.add(new Grant(grantee, permission));
        }
        return new Acl(owner, grants);
    }
}
