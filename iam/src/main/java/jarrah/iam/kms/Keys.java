package jarrah.iam.kms;

import jarrah.iam.SecretBox;
import jarrah.storage.Kv;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The keys and aliases of all accounts. Thread-safe.
 *
 * <pre>
 *   kms/key/ACCOUNT/ID        version(1) {arn, manager, description, policy, tags, enabled, created, deletion?, sealed,
 *                             rotations?: [{at, type, sealed}], rotation?: {days, next}}
 *   kms/alias/ACCOUNT/NAME    version(1) {key}
 *   ciphertext                version(1) account(12) id(36) nonce(12) AES-256-GCM ciphertext and tag(16)
 *                             version(2) account(12) id(36) material(4), then as 1
 * </pre>
 *
 * <p>All before the nonce is authenticated together with the encryption context; material is the number of rotations
 * before. A key whose time has come is removed by {@link #sweep} or at its next use; its ciphertexts are then lost for good.
 */
public final class Keys implements DataKeys {
    static final String S3_ALIAS = "alias/aws/s3";
    private static final byte VERSION = 1;
    /** Of a ciphertext by other material than the first. */
    private static final byte ROTATED = 2;

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int HEAD_BYTES = 1 + 12 + 36;
    private static final int PAGE = 1_000;
    /** So many materials fit into a record; a key that rotates each 90 days has them for 50 years. */
    static final int MAX_MATERIAL = 200;

    private static final JsonMapper JSON = new JsonMapper();

    private final Kv kv;
    private final SecretBox box;
    private final Clock clock;
    private final String region;
    private final SecureRandom random = new SecureRandom();

    /** What was decrypted, and by which key. */
    record Opened(KmsKey key, byte[] plaintext) {}

    public Keys(Kv kv, SecretBox box, Clock clock, String region) {
        this.kv = kv;
        this.box = box;
        this.clock = clock;
        this.region = region;
    }

    Clock clock() {
        return clock;
    }

    String arn(String account, String resource) {
        return "arn:aws:kms:" + region + ":" + account + ":" + resource;
    }

    KmsKey create(String account, String manager, String description, String policy, Map<String, String> tags) {
        String id = UUID.randomUUID().toString();
        var key = new KmsKey(
                id,
                arn(account, "key/" + id),
                account,
                manager,
                description,
                policy,
                tags,
                true,
                clock.instant(),
                null,
                List.of(material(id, "")),
                null);
        kv.transact(tx -> {
            tx.put(path("key", account, id), encode(key));
            return key;
        });
        return key;
    }

    private KmsKey.Material material(String id, String type) {
        return new KmsKey.Material(clock.instant(), type, box.seal(random(KEY_BYTES), purpose(id)));
    }

    /** The key with fresh material. */
    KmsKey rotated(KmsKey key, String type) {
        var material = new ArrayList<>(key.material());
        material.add(material(key.id(), type));
        KmsKey.Rotation rotation = key.rotation();
        return key.with(
                material,
                rotation == null || type.equals("ON_DEMAND")
                        ? rotation
                        : new KmsKey.Rotation(rotation.days(), clock.instant().plus(Duration.ofDays(rotation.days()))));
    }

    /** Removes the keys whose time has come, and rotates those that are due; of all accounts. */
    public void sweep() {
        byte[] prefix = "kms/key/".getBytes(StandardCharsets.UTF_8);
        for (Kv.Entry entry : all(prefix)) {
            String[] place = last(entry, prefix).split("/", 2);
            KmsKey key = alive(key(place[0], place[1], decode(entry.value())));
            KmsKey.Rotation rotation = key == null ? null : key.rotation();
            if (key != null
                    && rotation != null
                    && key.state().equals("Enabled")
                    && !clock.instant().isBefore(rotation.next())
                    && key.material().size() < MAX_MATERIAL) {
                change(key, now -> rotated(now, "AUTOMATIC"));
            }
        }
    }

    byte[] random(int bytes) {
        byte[] fresh = new byte[bytes];
        random.nextBytes(fresh);
        return fresh;
    }

    /** The key that an id, ARN, alias or alias ARN names. */
    KmsKey find(String account, String named) {
        String owner = account;
        String rest = named;
        if (named.startsWith("arn:")) {
            String[] parts = named.split(":", 6);
            if (parts.length < 6 || !parts[2].equals("kms")) {
                throw new KmsException("InvalidArnException", "Invalid arn " + named);
            }
            owner = parts[4];
            rest = parts[5].startsWith("key/") ? parts[5].substring("key/".length()) : parts[5];
            if (!parts[3].equals(region)) {
                throw missing(named);
            }
        }
        if (rest.startsWith("alias/")) {
            byte[] alias = kv.get(path("alias", owner, rest.substring("alias/".length())));
            if (alias == null && rest.equals(S3_ALIAS) && owner.equals(account)) {
                return makeS3Key(owner);
            }
            if (alias == null) {
                throw new KmsException("NotFoundException", "Alias " + arn(owner, rest) + " is not found.");
            }
            rest = decode(alias).required("key").asString();
        }
        byte[] record = kv.get(path("key", owner, rest));
        KmsKey key = record == null ? null : alive(key(owner, rest, decode(record)));
        if (key == null) {
            throw missing(arn(owner, "key/" + rest));
        }
        return key;
    }

    private static KmsException missing(String arn) {
        return new KmsException("NotFoundException", "Key '" + arn + "' does not exist");
    }

    private synchronized KmsKey makeS3Key(String account) {
        byte[] path = path("alias", account, "aws/s3");
        if (kv.get(path) == null) {
            KmsKey key = create(account, "AWS", "Default key that protects my S3 objects", "", Map.of());
            kv.transact(tx -> {
                tx.put(path, encode(Map.of("key", key.id())));
                return key;
            });
        }
        return find(account, S3_ALIAS);
    }

    private @Nullable KmsKey alive(KmsKey key) {
        Instant deletion = key.deletion();
        if (deletion == null || clock.instant().isBefore(deletion)) {
            return key;
        }
        List<String> names = aliases(key.accountId()).entrySet().stream()
                .filter(alias -> alias.getValue().equals(key.id()))
                .map(Map.Entry::getKey)
                .toList();
        byte[] place = path("key", key.accountId(), key.id());
        return kv.transact(tx -> {
            byte[] record = tx.get(place);
            KmsKey now = record == null ? null : key(key.accountId(), key.id(), decode(record));
            if (now != null && (now.deletion() == null || clock.instant().isBefore(now.deletion()))) {
                return now; // the deletion was cancelled at the last moment
            }
            tx.delete(place);
            names.forEach(name -> tx.delete(path("alias", key.accountId(), name.substring("alias/".length()))));
            return null;
        });
    }

    synchronized KmsKey change(KmsKey key, UnaryOperator<KmsKey> change) {
        KmsKey changed = change.apply(find(key.accountId(), key.id()));
        kv.transact(tx -> {
            tx.put(path("key", key.accountId(), key.id()), encode(changed));
            return changed;
        });
        return changed;
    }

    List<KmsKey> list(String account) {
        var keys = new ArrayList<KmsKey>();
        for (Kv.Entry entry : all(path("key", account, ""))) {
            KmsKey key = alive(key(account, last(entry, path("key", account, "")), decode(entry.value())));
            if (key != null) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** Ids of keys by the names of their aliases. */
    Map<String, String> aliases(String account) {
        var found = new TreeMap<String, String>();
        byte[] prefix = path("alias", account, "");
        for (Kv.Entry entry : all(prefix)) {
            found.put(
                    "alias/" + last(entry, prefix),
                    decode(entry.value()).required("key").asString());
        }
        return found;
    }

    synchronized void alias(String account, String name, @Nullable KmsKey target, boolean fresh) {
        byte[] path = path("alias", account, name.substring("alias/".length()));
        boolean there = kv.get(path) != null;
        if (fresh && there) {
            throw new KmsException(
                    "AlreadyExistsException", "An alias with the name " + arn(account, name) + " already exists");
        }
        if (!fresh && !there) {
            throw new KmsException("NotFoundException", "Alias " + arn(account, name) + " is not found.");
        }
        kv.transact(tx -> {
            if (target == null) {
                tx.delete(path);
            } else {
                tx.put(path, encode(Map.of("key", target.id())));
            }
            return true;
        });
    }

    static KmsKey usable(KmsKey key) {
        return switch (key.state()) {
            case "Enabled" -> key;
            case "Disabled" -> throw new KmsException("DisabledException", key.arn() + " is disabled.");
            default -> throw new KmsException("KMSInvalidStateException", key.arn() + " is pending deletion.");
        };
    }

    byte[] encrypt(KmsKey key, byte[] plaintext, byte[] context) {
        int newest = key.material().size() - 1;
        ByteBuffer named = ByteBuffer.allocate(newest == 0 ? HEAD_BYTES : HEAD_BYTES + 4)
                .put(newest == 0 ? VERSION : ROTATED)
                .put((key.accountId() + key.id()).getBytes(StandardCharsets.US_ASCII));
        byte[] head = (newest == 0 ? named : named.putInt(newest)).array();
        byte[] nonce = random(NONCE_BYTES);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, usable(key), newest, head, nonce, 0, context)
                    .doFinal(plaintext);
            return ByteBuffer.allocate(head.length + NONCE_BYTES + sealed.length)
                    .put(head)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The key that a ciphertext names. */
    KmsKey keyOf(byte[] blob) {
        if (blob.length < HEAD_BYTES + NONCE_BYTES + 16
                || blob[0] != VERSION && (blob[0] != ROTATED || blob.length < HEAD_BYTES + 4 + NONCE_BYTES + 16)) {
            throw new KmsException("InvalidCiphertextException", "");
        }
        String named = new String(blob, 1, HEAD_BYTES - 1, StandardCharsets.US_ASCII);
        try {
            return find(named.substring(0, 12), named.substring(12));
        } catch (KmsException e) {
            throw new KmsException("InvalidCiphertextException", "");
        }
    }

    Opened decrypt(byte[] blob, byte[] context) {
        KmsKey key = usable(keyOf(blob));
        try {
            boolean rotated = blob[0] == ROTATED;
            int number = rotated ? ByteBuffer.wrap(blob).getInt(HEAD_BYTES) : 0;
            if (number < 0 || number >= key.material().size()) {
                throw new KmsException("InvalidCiphertextException", "");
            }
            byte[] head = Arrays.copyOf(blob, rotated ? HEAD_BYTES + 4 : HEAD_BYTES);
            int start = head.length + NONCE_BYTES;
            return new Opened(
                    key,
                    cipher(Cipher.DECRYPT_MODE, key, number, head, blob, head.length, context)
                            .doFinal(blob, start, blob.length - start));
        } catch (AEADBadTagException e) {
            throw new KmsException("InvalidCiphertextException", "");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Cipher cipher(int mode, KmsKey key, int number, byte[] head, byte[] nonce, int at, byte[] context)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        var material = new SecretKeySpec(box.unseal(key.material().get(number).sealed(), purpose(key.id())), "AES");
        cipher.init(mode, material, new GCMParameterSpec(128, nonce, at, NONCE_BYTES));
        cipher.updateAAD(head);
        cipher.updateAAD(context);
        return cipher;
    }

    @Override
    public DataKey make(String keyArn, String context) {
        byte[] plaintext = random(KEY_BYTES);
        try {
            KmsKey key = find("", keyArn);
            return new DataKey(key.arn(), plaintext, encrypt(key, plaintext, context.getBytes(StandardCharsets.UTF_8)));
        } catch (KmsException e) {
            throw e.ofS3();
        }
    }

    @Override
    public byte[] open(String keyArn, byte[] wrapped, String context) {
        try {
            usable(find("", keyArn)); // tells of a key that is gone, where the ciphertext alone would not
            return decrypt(wrapped, context.getBytes(StandardCharsets.UTF_8)).plaintext();
        } catch (KmsException e) {
            throw e.ofS3();
        }
    }

    @Override
    public Named named(String account, String key) {
        try {
            KmsKey found = usable(find(account, key.isEmpty() ? S3_ALIAS : key));
            return new Named(found.arn(), found.accountId(), found.manager().equals("AWS"), KeyPolicy.of(found));
        } catch (KmsException e) {
            throw e.ofS3();
        }
    }

    private static String purpose(String id) {
        return "material of the KMS key " + id;
    }

    private static byte[] path(String kind, String account, String name) {
        return ("kms/" + kind + "/" + account + "/" + name).getBytes(StandardCharsets.UTF_8);
    }

    private static String last(Kv.Entry entry, byte[] prefix) {
        return new String(entry.key(), prefix.length, entry.key().length - prefix.length, StandardCharsets.UTF_8);
    }

    private List<Kv.Entry> all(byte[] prefix) {
        byte[] to = prefix.clone();
        to[to.length - 1]++;
        var found = new ArrayList<Kv.Entry>();
        byte[] next = prefix;
        while (true) {
            List<Kv.Entry> page = kv.scan(next, to, PAGE);
            found.addAll(page);
            if (page.size() < PAGE) {
                return found;
            }
            byte[] end = page.getLast().key();
            next = Arrays.copyOf(end, end.length + 1);
        }
    }

    private static byte[] encode(KmsKey key) {
        var record = new HashMap<String, Object>();
        record.put("arn", key.arn());
        record.put("manager", key.manager());
        record.put("description", key.description());
        record.put("policy", key.policy());
        record.put("tags", key.tags());
        record.put("enabled", key.enabled());
        record.put("created", key.created().toString());
        if (key.deletion() != null) {
            record.put("deletion", key.deletion().toString());
        }
        record.put("sealed", base64(key.material().getFirst()));
        record.put(
                "rotations",
                key.material().stream()
                        .skip(1)
                        .map(one -> Map.of("at", one.made().toString(), "type", one.type(), "sealed", base64(one)))
                        .toList());
        KmsKey.Rotation rotation = key.rotation();
        if (rotation != null) {
            record.put(
                    "rotation",
                    Map.of("days", rotation.days(), "next", rotation.next().toString()));
        }
        return encode(record);
    }

    private static String base64(KmsKey.Material material) {
        return Base64.getEncoder().encodeToString(material.sealed());
    }

    private static KmsKey.Material material(Instant made, String type, JsonNode record) {
        return new KmsKey.Material(
                made, type, Base64.getDecoder().decode(record.required("sealed").asString()));
    }

    private static byte[] encode(Map<String, ?> record) {
        byte[] json = JSON.writeValueAsBytes(record);
        return ByteBuffer.allocate(json.length + 1).put(VERSION).put(json).array();
    }

    private static JsonNode decode(byte[] value) {
        if (value[0] != VERSION) {
            throw new IllegalStateException("a key's record of version " + value[0] + ": made by a newer Jarrah");
        }
        return JSON.readTree(Arrays.copyOfRange(value, 1, value.length));
    }

    private static KmsKey key(String account, String id, JsonNode record) {
        var tags = new TreeMap<String, String>();
        record.required("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asString()));
        JsonNode deletion = record.get("deletion");
        Instant created = Instant.parse(record.required("created").asString());
        var material = new ArrayList<KmsKey.Material>();
        material.add(material(created, "", record));
        for (JsonNode one : record.path("rotations")) {
            material.add(material(
                    Instant.parse(one.required("at").asString()),
                    one.required("type").asString(),
                    one));
        }
        JsonNode rotation = record.get("rotation");
        return new KmsKey(
                id,
                record.required("arn").asString(),
                account,
                record.required("manager").asString(),
                record.required("description").asString(),
                record.required("policy").asString(),
                tags,
                record.required("enabled").asBoolean(),
                created,
                deletion == null ? null : Instant.parse(deletion.asString()),
                material,
                rotation == null
                        ? null
                        : new KmsKey.Rotation(
                                rotation.required("days").asInt(),
                                Instant.parse(rotation.required("next").asString())));
    }
}
