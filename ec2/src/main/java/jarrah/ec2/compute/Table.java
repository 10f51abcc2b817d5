package jarrah.ec2.compute;

import jarrah.storage.Kv;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Records of one kind in the store. A key is {@code ec2/KIND/PART/...}; a value is a version byte, then JSON.
 *
 * <pre>
 *   ec2/instance/ACCOUNT/ID       ec2/image/ID                  ec2/tags/ACCOUNT/RESOURCE
 *   ec2/volume/ACCOUNT/ID         ec2/snapshot/ID               ec2/token/ACCOUNT/CLIENT-TOKEN
 *   ec2/key-pair/ACCOUNT/NAME     ec2/group/ACCOUNT/ID          ec2/network/ACCOUNT
 *   ec2/private-address/VPC/ADDRESS   {nic}
 *   ec2/public-address/ADDRESS        {nic}
 * </pre>
 */
final class Table<T> {
    private static final byte VERSION = 1;
    /** A flag that a record of an earlier version does not have is false. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private static final int PAGE = 1_000;

    private final String kind;
    private final Class<T> type;

    Table(String kind, Class<T> type) {
        this.kind = kind;
        this.type = type;
    }

    private byte[] key(String... parts) {
        var text = new StringBuilder("ec2/").append(kind);
        for (String part : parts) {
            // Names of people's choosing may hold the separator.
            text.append('/').append(part.replace("%", "%25").replace("/", "%2F"));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The start of all keys that begin with these parts. */
    private byte[] prefix(String... parts) {
        byte[] key = Arrays.copyOf(key(parts), key(parts).length + 1);
        key[key.length - 1] = '/';
        return key;
    }

    @Nullable
    T get(Kv kv, String... parts) {
        return decode(kv.get(key(parts)));
    }

    @Nullable
    T get(Kv.Tx tx, String... parts) {
        return decode(tx.get(key(parts)));
    }

    void put(Kv.Tx tx, T value, String... parts) {
        byte[] json = JSON.writeValueAsBytes(value);
        byte[] bytes = new byte[json.length + 1];
        bytes[0] = VERSION;
        System.arraycopy(json, 0, bytes, 1, json.length);
        tx.put(key(parts), bytes);
    }

    void delete(Kv.Tx tx, String... parts) {
        tx.delete(key(parts));
    }

    /** All records whose key begins with these parts, in order of their keys. */
    List<T> all(Kv kv, String... parts) {
        return read(kv::scan, parts);
    }

    /** As {@link #all(Kv, String...)}, as the transaction sees them. */
    List<T> all(Kv.Tx tx, String... parts) {
        return read(tx::scan, parts);
    }

    private interface Scan {
        List<Kv.Entry> scan(byte[] from, byte @Nullable [] to, int limit);
    }

    private List<T> read(Scan store, String... parts) {
        var records = new ArrayList<T>();
        byte[] from = prefix(parts);
        byte[] to = from.clone();
        to[to.length - 1]++; // '/' + 1: after everything that begins so
        while (true) {
            List<Kv.Entry> page = store.scan(from, to, PAGE);
            page.forEach(entry -> records.add(decode(entry.value())));
            if (page.size() < PAGE) {
                return records;
            }
            byte[] last = page.getLast().key();
            from = Arrays.copyOf(last, last.length + 1);
        }
    }

    private @Nullable T decode(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        if (value[0] != VERSION) {
            throw new IllegalStateException(
                    "a record of " + kind + " of version " + value[0] + ": made by a newer Jarrah");
        }
        return JSON.readValue(value, 1, value.length - 1, type);
    }
}
