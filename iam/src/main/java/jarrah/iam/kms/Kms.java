package jarrah.iam.kms;

import jarrah.aws.Authentication;
import jarrah.aws.JsonEndpoint;
import jarrah.http.RequestHead;
import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.iam.policy.Policy;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The key service's API; actions that are not here answer {@code UnknownOperationException}. */
public final class Kms implements JsonEndpoint.Actions {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_TEXT = 8_192;
    private static final int MAX_TAGS = 50;
    /** AWS's quota of rotations on demand, over the life of a key. */
    private static final int MAX_ON_DEMAND = 25;

    private static final int MAX_PLAINTEXT = 4096;

    private final Keys keys;
    private final Accounts accounts;
    private final Authorizer authorizer;

    public Kms(Keys keys, Accounts accounts, Authorizer authorizer) {
        this.keys = keys;
        this.accounts = accounts;
        this.authorizer = authorizer;
    }

    private record Call(String action, JsonNode in, RequestHead head, Principal.User user) {
        String text(String name, String otherwise) {
            JsonNode value = in.get(name);
            return value == null || value.isNull() ? otherwise : value.asString();
        }

        String text(String name) {
            String value = text(name, "");
            if (value.length() > MAX_TEXT) {
                throw KmsException.invalid("Value at '" + name + "' failed to satisfy constraint: too long");
            }
            if (value.isEmpty()) {
                throw KmsException.invalid("Value at '" + name + "' failed to satisfy constraint: must not be null");
            }
            return value;
        }

        byte[] bytes(String name) {
            try {
                return Base64.getDecoder().decode(text(name));
            } catch (IllegalArgumentException e) {
                throw KmsException.invalid(name + " is not Base64");
            }
        }

        int number(String name, int otherwise, int least, int most) {
            int value = in.has(name) ? in.get(name).asInt(-1) : otherwise;
            if (value < least || value > most) {
                throw KmsException.invalid(name + " must be from " + least + " to " + most);
            }
            return value;
        }

        byte[] context(String name) {
            var sorted = new TreeMap<String, String>();
            if (in.has(name)) {
                if (!in.get(name).isObject()
                        || !in.get(name).properties().stream()
                                .allMatch(pair -> pair.getValue().isString())) {
                    throw new KmsException("SerializationException", name + " is not a map of strings.");
                }
                in.get(name)
                        .properties()
                        .forEach(e -> sorted.put(e.getKey(), e.getValue().asString()));
            }
            return sorted.isEmpty() ? new byte[0] : JSON.writeValueAsBytes(sorted);
        }
    }

    @Override
    public byte[] call(String action, byte[] json, RequestHead head, Authentication.Signed caller) {
        AccessKey key = accounts.key(caller.accessKeyId());
        if (key == null) {
            throw new KmsException("UnrecognizedClientException", "The caller's access key was deleted.");
        }
        JsonNode in;
        try {
            in = JSON.readTree(json.length == 0 ? new byte[] {'{', '}'} : json);
        } catch (JacksonException e) {
            throw new KmsException("SerializationException", "The body is not JSON.");
        }
        ObjectNode out = perform(new Call(action, in, head, key.principal()));
        return out == null ? new byte[0] : JSON.writeValueAsBytes(out);
    }

    private @Nullable ObjectNode perform(Call call) {
        return switch (call.action) {
            case "CreateKey" -> create(call);
            case "DescribeKey" -> JSON.createObjectNode().set("KeyMetadata", metadata(key(call)));
            case "ListKeys" -> list(call);
            case "EnableKey" -> state(call, true);
            case "DisableKey" -> state(call, false);
            case "ScheduleKeyDeletion" -> schedule(call);
            case "CancelKeyDeletion" -> cancel(call);
            case "CreateAlias", "UpdateAlias", "DeleteAlias" -> alias(call);
            case "ListAliases" -> aliases(call);
            case "Encrypt" -> encrypt(call);
            case "Decrypt" -> decrypt(call);
            case "GenerateDataKey" -> dataKey(call, true);
            case "GenerateDataKeyWithoutPlaintext" -> dataKey(call, false);
            case "GenerateRandom" -> random(call);
            case "ReEncrypt" -> reEncrypt(call);
            case "UpdateKeyDescription" -> describe(call);
            case "TagResource", "UntagResource" -> tag(call);
            case "ListResourceTags" -> tags(call);
            case "GetKeyPolicy" -> policy(call);
            case "PutKeyPolicy" -> putPolicy(call);
            case "ListKeyPolicies" -> policies(call);
            case "EnableKeyRotation", "DisableKeyRotation" -> rotation(call);
            case "GetKeyRotationStatus" -> rotationStatus(call);
            case "RotateKeyOnDemand" -> rotate(call);
            case "ListKeyRotations" -> rotations(call);
            case "CreateGrant", "ListGrants", "ListRetirableGrants", "RetireGrant", "RevokeGrant" ->
                throw new KmsException("UnsupportedOperationException", "Grants are not served.");
            default -> throw new KmsException("UnknownOperationException", "");
        };
    }

    private void require(Call call, String arn, String account) {
        Principal.User user = call.user;
        String action = "kms:" + call.action;
        if (!user.accountId().equals(account)
                || !authorizer.allows(user, action, arn, account, authorizer.context(user, call.head), null)) {
            throw new KmsException(
                    "AccessDeniedException",
                    "User: " + user.arn() + " is not authorized to perform: " + action + " on resource: " + arn);
        }
    }

    private KmsKey permitted(Call call, KmsKey key) {
        return permitted(call, "kms:" + call.action, key);
    }

    private KmsKey permitted(Call call, String action, KmsKey key) {
        Principal.User user = call.user;
        if (!KeyPolicy.allows(
                user, action, key.arn(), key.accountId(), KeyPolicy.of(key), authorizer.context(user, call.head))) {
            throw new KmsException(
                    "AccessDeniedException",
                    "User: " + user.arn() + " is not authorized to perform: " + action + " on resource: " + key.arn());
        }
        return key;
    }

    private KmsKey key(Call call) {
        return permitted(call, keys.find(call.user.accountId(), call.text("KeyId")));
    }

    private @Nullable ObjectNode create(Call call) {
        require(call, "*", call.user.accountId());
        String policy = call.text("Policy", "");
        if (!policy.isEmpty()) {
            requireUpdatable(call, policy, keys.arn(call.user.accountId(), "key/new"));
        }
        Map<String, String> tags = given(call, new TreeMap<>());
        if (!call.text("KeyUsage", "ENCRYPT_DECRYPT").equals("ENCRYPT_DECRYPT")
                || !call.text("KeySpec", "SYMMETRIC_DEFAULT").equals("SYMMETRIC_DEFAULT")
                || !call.text("Origin", "AWS_KMS").equals("AWS_KMS")) {
            throw new KmsException("UnsupportedOperationException", "Only symmetric keys made here are served.");
        }
        String account = call.user.accountId();
        return JSON.createObjectNode()
                .set(
                        "KeyMetadata",
                        metadata(keys.create(account, "CUSTOMER", call.text("Description", ""), policy, tags)));
    }

    private static ObjectNode metadata(KmsKey key) {
        ObjectNode out = JSON.createObjectNode()
                .put("AWSAccountId", key.accountId())
                .put("KeyId", key.id())
                .put("Arn", key.arn())
                .put("CreationDate", key.created().toEpochMilli() / 1000.0)
                .put("Enabled", key.state().equals("Enabled"))
                .put("Description", key.description())
                .put("KeyUsage", "ENCRYPT_DECRYPT")
                .put("KeyState", key.state())
                .put("Origin", "AWS_KMS")
                .put("KeyManager", key.manager())
                .put("KeySpec", "SYMMETRIC_DEFAULT")
                .put("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT")
                .put("MultiRegion", false);
        out.putArray("EncryptionAlgorithms").add("SYMMETRIC_DEFAULT");
        if (key.deletion() != null) {
            out.put("DeletionDate", key.deletion().toEpochMilli() / 1000.0);
        }
        return out;
    }

    private ObjectNode list(Call call) {
        require(call, "*", call.user.accountId());
        int limit = call.number("Limit", 100, 1, 1000);
        String after = call.text("Marker", "");
        ObjectNode out = JSON.createObjectNode();
        var page = out.putArray("Keys");
        String last = "";
        for (KmsKey key : keys.list(call.user.accountId())) {
            if (key.id().compareTo(after) <= 0) {
                continue;
            }
            if (page.size() == limit) {
                return out.put("Truncated", true).put("NextMarker", last);
            }
            page.addObject().put("KeyId", key.id()).put("KeyArn", key.arn());
            last = key.id();
        }
        return out.put("Truncated", false);
    }

    private @Nullable ObjectNode state(Call call, boolean enabled) {
        KmsKey key = customers(key(call));
        keys.change(key, now -> {
            if (now.deletion() != null) {
                throw new KmsException("KMSInvalidStateException", now.arn() + " is pending deletion.");
            }
            return now.with(enabled, null);
        });
        return null;
    }

    private static KmsKey customers(KmsKey key) {
        if (key.manager().equals("AWS")) {
            throw new KmsException("AccessDeniedException", "AWS managed keys cannot be changed: " + key.arn());
        }
        return key;
    }

    private ObjectNode schedule(Call call) {
        KmsKey key = customers(key(call));
        int days = call.number("PendingWindowInDays", 30, 7, 30);
        KmsKey now = keys.change(key, was -> {
            if (was.deletion() != null) {
                throw new KmsException("KMSInvalidStateException", was.arn() + " is pending deletion.");
            }
            return was.with(false, keys.clock().instant().plus(Duration.ofDays(days)));
        });
        return metadata(now)
                .retain("DeletionDate", "KeyState")
                .put("KeyId", now.arn())
                .put("PendingWindowInDays", days);
    }

    private ObjectNode cancel(Call call) {
        KmsKey key = keys.change(key(call), was -> {
            if (was.deletion() == null) {
                throw new KmsException("KMSInvalidStateException", was.arn() + " is not pending deletion.");
            }
            return was.with(false, null);
        });
        return JSON.createObjectNode().put("KeyId", key.arn());
    }

    private @Nullable ObjectNode alias(Call call) {
        String name = call.text("AliasName");
        if (!name.matches("alias/[a-zA-Z0-9/_-]{1,250}") || name.startsWith("alias/aws/")) {
            throw new KmsException("InvalidAliasNameException", "Invalid alias name: " + name);
        }
        String account = call.user.accountId();
        require(call, keys.arn(account, name), account);
        KmsKey target = call.action.equals("DeleteAlias")
                ? null
                : permitted(call, keys.find(account, call.text("TargetKeyId")));
        keys.alias(account, name, target, call.action.equals("CreateAlias"));
        return null;
    }

    private ObjectNode aliases(Call call) {
        String account = call.user.accountId();
        require(call, "*", account);
        ObjectNode out = JSON.createObjectNode().put("Truncated", false);
        var page = out.putArray("Aliases");
        keys.aliases(account)
                .forEach((name, id) -> page.addObject()
                        .put("AliasName", name)
                        .put("AliasArn", keys.arn(account, name))
                        .put("TargetKeyId", id));
        return out;
    }

    private ObjectNode encrypt(Call call) {
        KmsKey key = key(call);
        byte[] plaintext = call.bytes("Plaintext");
        if (plaintext.length > MAX_PLAINTEXT) {
            throw KmsException.invalid("Plaintext has at most " + MAX_PLAINTEXT + " bytes");
        }
        return JSON.createObjectNode()
                .put("CiphertextBlob", keys.encrypt(key, plaintext, call.context("EncryptionContext")))
                .put("KeyId", key.arn())
                .put("EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
    }

    private ObjectNode decrypt(Call call) {
        byte[] blob = call.bytes("CiphertextBlob");
        KmsKey key = permitted(call, keys.keyOf(blob));
        if (call.in.has("KeyId") && !key.arn().equals(key(call).arn())) {
            throw new KmsException("IncorrectKeyException", "The key ID in the request does not identify the key.");
        }
        return JSON.createObjectNode()
                .put(
                        "Plaintext",
                        keys.decrypt(blob, call.context("EncryptionContext")).plaintext())
                .put("KeyId", key.arn())
                .put("EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
    }

    private ObjectNode random(Call call) {
        require(call, "*", call.user.accountId());
        return JSON.createObjectNode().put("Plaintext", keys.random(call.number("NumberOfBytes", -1, 1, 1024)));
    }

    private ObjectNode dataKey(Call call, boolean shown) {
        KmsKey key = key(call);
        boolean counted = call.in.has("NumberOfBytes");
        String spec = call.text("KeySpec", counted ? "" : "AES_256");
        if (counted != spec.isEmpty() || !spec.matches("|AES_128|AES_256")) {
            throw KmsException.invalid("Please specify either number of bytes or key spec.");
        }
        int bytes = spec.equals("AES_128") ? 16 : 32;
        byte[] fresh = keys.random(call.number("NumberOfBytes", bytes, 1, 1024));
        ObjectNode out = JSON.createObjectNode()
                .put("CiphertextBlob", keys.encrypt(key, fresh, call.context("EncryptionContext")))
                .put("KeyId", key.arn());
        return shown ? out.put("Plaintext", fresh) : out;
    }

    private ObjectNode reEncrypt(Call call) {
        byte[] blob = call.bytes("CiphertextBlob");
        KmsKey from = permitted(call, "kms:ReEncryptFrom", keys.keyOf(blob));
        String account = call.user.accountId();
        if (call.in.has("SourceKeyId")
                && !from.arn()
                        .equals(keys.find(account, call.text("SourceKeyId")).arn())) {
            throw new KmsException("IncorrectKeyException", "The key ID in the request does not identify the key.");
        }
        KmsKey to = permitted(call, "kms:ReEncryptTo", keys.find(account, call.text("DestinationKeyId")));
        byte[] plaintext =
                keys.decrypt(blob, call.context("SourceEncryptionContext")).plaintext();
        return JSON.createObjectNode()
                .put("CiphertextBlob", keys.encrypt(to, plaintext, call.context("DestinationEncryptionContext")))
                .put("SourceKeyId", from.arn())
                .put("KeyId", to.arn())
                .put("SourceEncryptionAlgorithm", "SYMMETRIC_DEFAULT")
                .put("DestinationEncryptionAlgorithm", "SYMMETRIC_DEFAULT");
    }

    private @Nullable ObjectNode describe(Call call) {
        String description = call.text("Description", "");
        if (description.length() > MAX_TEXT) {
            throw KmsException.invalid("Description is too long");
        }
        keys.change(customers(key(call)), now -> now.with(description, now.policy(), now.tags()));
        return null;
    }

    // "Tag restrictions": names of 1 to 128 characters, values of up to 256.
    private static Map<String, String> given(Call call, Map<String, String> tags) {
        for (JsonNode tag : call.in.path("Tags")) {
            String name = tag.path("TagKey").asString("");
            String value = tag.path("TagValue").asString("");
            if (name.isEmpty() || name.length() > 128 || value.length() > 256 || name.startsWith("aws:")) {
                throw new KmsException("TagException", "The tag " + name + " is not allowed.");
            }
            tags.put(name, value);
        }
        if (tags.size() > MAX_TAGS) {
            throw new KmsException("TagException", "A key has at most " + MAX_TAGS + " tags.");
        }
        return tags;
    }

    private @Nullable ObjectNode tag(Call call) {
        keys.change(customers(key(call)), now -> {
            Map<String, String> tags = new TreeMap<>(now.tags());
            if (call.action.equals("TagResource")) {
                given(call, tags);
            } else {
                call.in.path("TagKeys").forEach(name -> tags.remove(name.asString("")));
            }
            return now.with(now.description(), now.policy(), tags);
        });
        return null;
    }

    private ObjectNode tags(Call call) {
        ObjectNode out = JSON.createObjectNode().put("Truncated", false);
        var page = out.putArray("Tags");
        key(call)
                .tags()
                .forEach((name, value) -> page.addObject().put("TagKey", name).put("TagValue", value));
        return out;
    }

    private static void requireDefault(Call call) {
        if (!call.text("PolicyName", "default").equals("default")) {
            throw new KmsException("NotFoundException", "No such policy exists");
        }
    }

    private ObjectNode policy(Call call) {
        requireDefault(call);
        return JSON.createObjectNode().put("Policy", KeyPolicy.text(key(call))).put("PolicyName", "default");
    }

    private ObjectNode policies(Call call) {
        key(call);
        ObjectNode out = JSON.createObjectNode().put("Truncated", false);
        out.putArray("PolicyNames").add("default");
        return out;
    }

    private @Nullable ObjectNode putPolicy(Call call) {
        requireDefault(call);
        KmsKey key = customers(key(call));
        String policy = call.text("Policy", "");
        requireUpdatable(call, policy, key.arn());
        keys.change(key, now -> now.with(now.description(), policy, now.tags()));
        return null;
    }

    // Nobody could ever undo a policy that shuts out him who puts it.
    private void requireUpdatable(Call call, String policy, String arn) {
        Policy parsed = KeyPolicy.parse(policy);
        boolean updatable = KeyPolicy.allows(
                call.user,
                "kms:PutKeyPolicy",
                arn,
                call.user.accountId(),
                parsed,
                authorizer.context(call.user, call.head));
        if (!updatable && !call.in.path("BypassPolicyLockoutSafetyCheck").asBoolean(false)) {
            throw new KmsException(
                    "MalformedPolicyDocumentException",
                    "The new key policy will not allow you to update the key policy in the future.");
        }
    }

    private @Nullable ObjectNode rotation(Call call) {
        KmsKey key = customers(key(call));
        int days = call.number("RotationPeriodInDays", 365, 90, 2560);
        KmsKey.Rotation rotation = call.action.equals("EnableKeyRotation")
                ? new KmsKey.Rotation(days, keys.clock().instant().plus(Duration.ofDays(days)))
                : null;
        keys.change(key, now -> Keys.usable(now).with(now.material(), rotation));
        return null;
    }

    private ObjectNode rotationStatus(Call call) {
        KmsKey key = key(call);
        KmsKey.Rotation rotation = key.rotation();
        ObjectNode out = JSON.createObjectNode().put("KeyId", key.arn()).put("KeyRotationEnabled", rotation != null);
        return rotation == null
                ? out
                : out.put("RotationPeriodInDays", rotation.days())
                        .put("NextRotationDate", rotation.next().toEpochMilli() / 1000.0);
    }

    private ObjectNode rotate(Call call) {
        KmsKey key = keys.change(customers(key(call)), now -> {
            long onDemand = now.material().stream()
                    .filter(one -> one.type().equals("ON_DEMAND"))
                    .count();
            if (onDemand >= MAX_ON_DEMAND || now.material().size() >= Keys.MAX_MATERIAL) {
                throw new KmsException("LimitExceededException", "The key was rotated too often.");
            }
            return keys.rotated(Keys.usable(now), "ON_DEMAND");
        });
        return JSON.createObjectNode().put("KeyId", key.arn());
    }

    private ObjectNode rotations(Call call) {
        KmsKey key = key(call);
        ObjectNode out = JSON.createObjectNode().put("Truncated", false);
        var page = out.putArray("Rotations");
        key.material().stream()
                .skip(1)
                .forEach(one -> page.addObject()
                        .put("KeyId", key.arn())
                        .put("RotationDate", one.made().toEpochMilli() / 1000.0)
                        .put("RotationType", one.type()));
        return out;
    }
}
