package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import jarrah.storage.Kv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One page of all versions of a bucket: a walk over `v` into which the current versions are merged, as if they lay there
 * too. Both are read in one transaction, since a version moves from one place to the other when it becomes current or
 * ceases to be it, and a listing must show it once.
 */
final class VersionWalk {
    /** A transaction reads so many entries of either kind at once, at most. */
    private static final int MAX_SCAN = Limits.MAX_PAGE + 1;

    private final Backing backing;
    private final VersionListing.Query query;
    private final Bucket bucket;
    private final byte[] objectsEnd;
    private final List<VersionListing.Listed> found = new ArrayList<>();

    VersionWalk(Backing backing, VersionListing.Query query) {
        this.backing = backing;
        this.query = query;
        bucket = backing.bucket(query.bucket());
        objectsEnd = Keys.behind(Keys.object(bucket.id(), query.prefix().getBytes(UTF_8)));
    }

    VersionListing run() {
        var walk = new PrefixWalk(query.prefix(), query.delimiter(), query.keyMarker(), query.limit());
        Optional<VersionId> marker = query.versionMarker().flatMap(this::position);
        Optional<String> next = walk.run(
                this::scan,
                prefix -> Keys.versions(bucket.id(), prefix),
                key -> Keys.behind(
                        marker.isPresent()
                                ? Keys.version(bucket.id(), key, marker.get().number())
                                : Keys.versionsOf(bucket.id(), key)),
                entry -> Keys.keyOfVersion(entry.key()),
                (key, entry) -> visit(ObjectKey.text(key, 0), entry));
        Optional<VersionId> last = next.filter(key ->
                        !found.isEmpty() && found.getLast().version().key().equals(key))
                .map(_ -> found.getLast().version().version());
        return new VersionListing(found, walk.commonPrefixes(), next, last);
    }

    /** The null version is named without its number. */
    private Optional<VersionId> position(VersionId marker) {
        if (!marker.isNull() || query.keyMarker().isEmpty()) {
            return Optional.of(marker);
        }
        byte[] record = backing.get(Keys.object(bucket.id(), ObjectKey.bytes(query.keyMarker())));
        StoredObject current = record == null ? null : Records.object(query.keyMarker(), record);
        if (current != null && current.version().isNull()) {
            return Optional.of(current.version());
        }
        return Optional.ofNullable(VersionTree.kept(backing::get, bucket, query.keyMarker(), marker))
                .map(StoredObject::version);
    }

    // The first of a key is what a get is about, unless the page begins behind it.
    private void visit(String key, Kv.Entry entry) {
        boolean first = found.isEmpty() || !found.getLast().version().key().equals(key);
        boolean isLatest = first && !key.equals(query.keyMarker());
        found.add(new VersionListing.Listed(Records.object(key, entry.value()), isLatest));
    }

    private List<Kv.Entry> scan(byte[] from, byte[] to, int limit) {
        if (bucket.versioning() == Versioning.UNSET) {
            return current(backing::scan, from, limit);
        }
        return backing.transact(tx -> merged(current(tx::scan, from, limit), tx.scan(from, to, limit), limit));
    }

    /** Current versions from a bound on, each under the key that it would have among the others. */
    private List<Kv.Entry> current(PrefixWalk.Scan scan, byte[] from, int limit) {
        byte[] begin = Keys.object(bucket.id(), Keys.keyOfBound(from));
        var entries = new ArrayList<Kv.Entry>();
        if (Arrays.compareUnsigned(begin, objectsEnd) >= 0) {
            return entries;
        }
        int skipped = Keys.object(bucket.id(), new byte[0]).length;
        // One more, since the first may lie before the bound: its key does, or its version.
        for (Kv.Entry entry : scan.scan(begin, objectsEnd, Math.min(limit, MAX_SCAN) + 1)) {
            byte[] key = Arrays.copyOfRange(entry.key(), skipped, entry.key().length);
            VersionId version =
                    Records.object(ObjectKey.text(key, 0), entry.value()).version();
            byte[] place = Keys.version(bucket.id(), key, version.number());
            if (Arrays.compareUnsigned(place, from) >= 0 && entries.size() < limit) {
                entries.add(new Kv.Entry(place, entry.value()));
            }
        }
        return entries;
    }

    private static List<Kv.Entry> merged(List<Kv.Entry> left, List<Kv.Entry> right, int limit) {
        var merged = new ArrayList<Kv.Entry>(Math.min(limit, left.size() + right.size()));
        int l = 0;
        int r = 0;
        while (merged.size() < limit && (l < left.size() || r < right.size())) {
            boolean takeLeft = r == right.size()
                    || l < left.size()
                            && Arrays.compareUnsigned(
                                            left.get(l).key(), right.get(r).key())
                                    < 0;
            merged.add(takeLeft ? left.get(l++) : right.get(r++));
        }
        return merged;
    }
}
