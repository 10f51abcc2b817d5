package jarrah.s3.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import jarrah.storage.Kv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of keys with prefix and delimiter, for objects and for uploads: a walk forward over the Kv that jumps behind a
 * common prefix as soon as it is known, so that its cost is that of the page, however many keys lie under the prefixes.
 */
final class PrefixWalk {
    /** Entries read at once: what follows a jump is often one more jump, and what follows keys is often more keys. */
    private static final int SHORTEST_SCAN = 2;

    private final byte[] prefix;
    private final byte[] delimiter;
    private final byte[] after;
    private final int limit;
    private final List<String> commonPrefixes = new ArrayList<>();
    private int found;
    private byte @Nullable [] last;

    /**
     * @param after only keys behind this one; nothing under it if it is a common prefix
     * @param limit 0 or more
     */
    PrefixWalk(String prefix, String delimiter, String after, int limit) {
        this.prefix = prefix.getBytes(UTF_8);
        this.delimiter = delimiter.getBytes(UTF_8);
        this.after = after.getBytes(UTF_8);
        this.limit = limit;
    }

    /** The common prefixes that were found. */
    List<String> commonPrefixes() {
        return commonPrefixes;
    }

    /** Reads entries in order. */
    interface Scan {
        List<Kv.Entry> scan(byte[] from, byte[] to, int limit);
    }

    /** Takes an entry that is not under a common prefix. */
    interface Visitor {
        void visit(byte[] key, Kv.Entry entry);
    }

    /**
     * Walks.
     *
     * @param place what the Kv's keys of all keys with a prefix begin with
     * @param behind where the Kv's keys behind those of one key begin
     * @param keyOf the key of an entry
     * @return the key or common prefix to go on after; empty if nothing is left
     */
    Optional<String> run(
            Scan scan,
            Function<byte[], byte[]> place,
            Function<byte[], byte[]> behind,
            Function<Kv.Entry, byte[]> keyOf,
            Visitor visitor) {
        byte[] to = Keys.behind(place.apply(prefix));
        byte[] from = start(place, behind);
        int count = delimiter.length == 0 ? limit + 1 : 64;
        while (limit > 0 && Arrays.compareUnsigned(from, to) < 0) {
            List<Kv.Entry> entries = scan.scan(from, to, Math.clamp(count, 1, 1_001));
            byte[] jump = null;
            for (Kv.Entry entry : entries) {
                if (jump != null && Arrays.compareUnsigned(entry.key(), jump) < 0) {
                    continue;
                }
                if (found == limit) {
                    return Optional.of(ObjectKey.text(Objects.requireNonNull(last), 0));
                }
                byte[] key = keyOf.apply(entry);
                byte[] common = commonPrefix(key);
                if (common == null) {
                    visitor.visit(key, entry);
                    last = key;
                    jump = null;
                } else {
                    commonPrefixes.add(ObjectKey.text(common, 0));
                    last = common;
                    jump = Keys.behind(place.apply(common));
                }
                found++;
            }
            if (entries.size() < Math.clamp(count, 1, 1_001)) {
                return Optional.empty();
            }
            byte[] end = entries.getLast().key();
            if (jump != null && Arrays.compareUnsigned(jump, end) > 0) {
                from = jump;
                count = Math.max(SHORTEST_SCAN, count / 2);
            } else {
                from = Keys.next(end);
                count *= 2;
            }
        }
        return Optional.empty();
    }

    private byte[] start(Function<byte[], byte[]> place, Function<byte[], byte[]> behind) {
        if (after.length == 0 || Arrays.compareUnsigned(after, prefix) < 0) {
            return place.apply(prefix);
        }
        byte[] common = commonPrefix(after);
        if (common != null && common.length == after.length) {
            return Keys.behind(place.apply(after));
        }
        return behind.apply(after);
    }

    /** The key up to and with the first delimiter behind the prefix; null if there is none. */
    private byte @Nullable [] commonPrefix(byte[] key) {
        if (delimiter.length == 0 || !startsWith(key, prefix)) {
            return null;
        }
        for (int i = prefix.length; i <= key.length - delimiter.length; i++) {
            if (Arrays.equals(key, i, i + delimiter.length, delimiter, 0, delimiter.length)) {
                return Arrays.copyOf(key, i + delimiter.length);
            }
        }
        return null;
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
