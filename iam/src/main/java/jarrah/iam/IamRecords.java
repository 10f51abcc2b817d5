package jarrah.iam;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * This room's keys and values in the store. A value is a version byte, then JSON: few and small, so that they can be read
 * with bare eyes.
 *
 * <pre>
 *   iam/account/ID            {name, canonicalId, created}
 *   iam/account-name/NAME     {id}
 *   iam/canonical/CANONICAL   {id}
 *   iam/user/ACCOUNT/NAME     {userId, created}
 *   iam/key/ACCESS-KEY-ID     {account, user, secret (sealed, Base64), created}
 *   iam/certificate/ID        {account, user, pem, created}
 *   iam/cloud                 {certificate (PEM), privateKey (sealed PKCS#8, Base64)}
 * </pre>
 */
final class IamRecords {
    private static final byte VERSION = 1;
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
