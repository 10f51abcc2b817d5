package jarrah.iam;

import jarrah.storage.Kv;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * This room's keys and values in the store. A value is a version byte, then JSON: few and small, so that they can be read
 * with bare eyes.
 *
 * <pre>
 *   iam/account/ID            {name, canonicalId, email?, created}
 *   iam/account-name/NAME     {id}
 *   iam/canonical/CANONICAL   {id}
 *   iam/email/EMAIL           {id}
 *   iam/user/ACCOUNT/NAME     {name, path, userId, created, attached: [ARN], tags: {}, accessKey? (made with the account)}
 *   iam/user-policy/ACCOUNT/NAME/POLICY   {document}
 *   iam/user-key/ACCOUNT/NAME/ACCESS-KEY-ID   {}
 *   iam/key/ACCESS-KEY-ID     {account, user, secret (sealed, Base64), status?, created}
 *   iam/certificate/ID        {account, user, pem, created}
 *   iam/cloud                 {certificate (PEM), privateKey (sealed PKCS#8, Base64)}
 * </pre>
 *
 * <p>NAME in a key is in lower case: names of users differ in more than case.
 */
final class IamRecords {
    private static final byte VERSION = 1;
    private static final int PAGE = 1_000;
    private static final JsonMapper JSON = new JsonMapper();

    private IamRecords() {}

    static byte[] key(String... parts) {
        return ("iam/" + String.join("/", parts)).getBytes(StandardCharsets.UTF_8);
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static byte[] encode(ObjectNode node) {
        byte[] json = JSON.writeValueAsBytes(node);
        byte[] value = new byte[json.length + 1];
        value[0] = VERSION;
        System.arraycopy(json, 0, value, 1, json.length);
        return value;
    }

    static JsonNode decode(byte[] value) {
        if (value[0] != VERSION) {
            throw new IllegalStateException("an identity record of version " + value[0] + ": made by a newer Jarrah");
        }
        return JSON.readTree(Arrays.copyOfRange(value, 1, value.length));
    }

    /** All entries whose keys begin so, inside a transaction or out of it. */
    static List<Kv.Entry> all(Scan scan, byte[] prefix) {
        byte[] to = prefix.clone();
        to[to.length - 1]++;
        var found = new ArrayList<Kv.Entry>();
        byte[] next = prefix;
        while (true) {
            List<Kv.Entry> page = scan.scan(next, to, PAGE);
            found.addAll(page);
            if (page.size() < PAGE) {
                return found;
            }
            byte[] last = page.getLast().key();
            next = Arrays.copyOf(last, last.length + 1);
        }
    }

    /** The last part of an entry's key. */
    static String lastPart(Kv.Entry entry) {
        String key = new String(entry.key(), StandardCharsets.UTF_8);
        return key.substring(key.lastIndexOf('/') + 1);
    }

    /** How {@link Kv} and a transaction both scan. */
    @FunctionalInterface
    interface Scan {
        List<Kv.Entry> scan(byte[] from, byte[] to, int limit);
    }

    static String text(JsonNode node, String name) {
        return node.required(name).asString();
    }

    static byte[] bytes(JsonNode node, String name) {
        return Base64.getDecoder().decode(text(node, name));
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
