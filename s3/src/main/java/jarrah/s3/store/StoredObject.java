package jarrah.s3.store;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A version of an object as it is recorded, or a delete marker. To be changed by {@link #toBuilder}, so that a new
 * component leaves the places alone that do not care about it.
 *
 * @param key its name, 1 to 1,024 bytes of UTF-8
 * @param version its place among the key's versions
 * @param deleteMarker whether it only says that the object is deleted; then it has no bytes and an empty ETag
 * @param generation number of its last change; ascending, never used twice in this store
 * @param size bytes
 * @param lastModified when its bytes were put, to the millisecond; HTTP dates show whole seconds
 * @param etag without quotes
 * @param metadata what the client stored with it
 * @param acl its ACL, with its owner
 * @param checksum that was asked for when it was put
 * @param parts number of parts of the multipart upload that made it; 0 if it was put as one
 * @param content where its bytes are; the store's own
 * @param tags by name, at most ten, which the wire checks
 * @param encryption how its bytes are kept; of an object made of parts the kind alone, each part has its key
 * @param lock what keeps it from being deleted
 * @param restoration of an archived object, over or not; empty if none was asked for
 * @param replication whether it is replicated or is a replica; empty if neither
 */
public record StoredObject(
        String key,
        VersionId version,
        boolean deleteMarker,
        long generation,
        long size,
        Instant lastModified,
        String etag,
        Metadata metadata,
        Acl acl,
        Optional<Checksum> checksum,
        int parts,
        Content content,
        Map<String, String> tags,
        ObjectLock lock,
        Optional<Encryption> encryption,
        Optional<ReplicationState> replication,
        Optional<Restoration> restoration) {

    public StoredObject {
        tags = tags.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(tags));
    }

    /** Whether its storage class is one that cannot be read before it is restored. */
    public boolean isArchived() {
        return Metadata.ARCHIVES.contains(metadata.storageClass());
    }

    /** Whether its bytes may be read: always, unless it is archived and not restored. */
    public boolean isReadable(Instant now) {
        return !isArchived()
                || restoration
                        .map(there -> !there.isOngoing(now) && !there.isOver(now))
                        .orElse(false);
    }

    /** Begins a record; what is not said is empty. */
    static Builder builder(String key, VersionId version, long generation, Instant lastModified, Acl acl) {
        return new Builder(key, version, generation, lastModified, acl);
    }

    /** Begins with what this one has. */
    Builder toBuilder() {
        var builder = new Builder(key, version, generation, lastModified, acl);
        builder.deleteMarker = deleteMarker;
        builder.size = size;
        builder.etag = etag;
        builder.metadata = metadata;
        builder.checksum = checksum;
        builder.parts = parts;
        builder.content = content;
        builder.tags = tags;
        builder.lock = lock;
        builder.encryption = encryption;
        builder.replication = replication;
        builder.restoration = restoration;
        return builder;
    }

    /** A record in the making; used by one thread. */
    static final class Builder {
        private final String key;
        private final VersionId version;
        private long generation;
        private final Instant lastModified;
        private Acl acl;
        private boolean deleteMarker;
        private long size;
        private String etag = "";
        private Metadata metadata = Metadata.NONE;
        private Optional<Checksum> checksum = Optional.empty();
        private int parts;
        private Content content = new Content.Empty();
        private Map<String, String> tags = Map.of();
        private ObjectLock lock = ObjectLock.NONE;
        private Optional<Encryption> encryption = Optional.empty();
        private Optional<ReplicationState> replication = Optional.empty();
        private Optional<Restoration> restoration = Optional.empty();

        private Builder(String key, VersionId version, long generation, Instant lastModified, Acl acl) {
            this.key = key;
            this.version = version;
            this.generation = generation;
            this.lastModified = lastModified;
            this.acl = acl;
        }

        Builder generation(long number) {
            generation = number;
            return this;
        }

        Builder acl(Acl next) {
            acl = next;
            return this;
        }

        Builder deleteMarker(boolean marker) {
            deleteMarker = marker;
            return this;
        }

        /** Where the bytes are, how many, and their ETag. */
        Builder bytes(Content where, long count, String tag) {
            content = where;
            size = count;
            etag = tag;
            return this;
        }

        Builder metadata(Metadata next) {
            metadata = next;
            return this;
        }

        Builder checksum(Optional<Checksum> next) {
            checksum = next;
            return this;
        }

        Builder parts(int count) {
            parts = count;
            return this;
        }

        Builder tags(Map<String, String> next) {
            tags = next;
            return this;
        }

        Builder encryption(Optional<Encryption> next) {
            encryption = next;
            return this;
        }

        Builder replication(Optional<ReplicationState> next) {
            replication = next;
            return this;
        }

        Builder restoration(Optional<Restoration> next) {
            restoration = next;
            return this;
        }

        Builder lock(ObjectLock next) {
            lock = next;
            return this;
        }

        StoredObject build() {
            return new StoredObject(
                    key,
                    version,
                    deleteMarker,
                    generation,
                    size,
                    lastModified,
                    etag,
                    metadata,
                    acl,
                    checksum,
                    parts,
                    content,
                    tags,
                    lock,
                    encryption,
                    replication,
                    restoration);
        }
    }
}
