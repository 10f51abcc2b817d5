package jarrah.iam;

import jarrah.aws.AwsTime;
import jarrah.iam.policy.IdentityPolicies;
import jarrah.iam.policy.ManagedPolicies;
import jarrah.iam.policy.Policy;
import jarrah.iam.policy.PolicyException;
import jarrah.iam.policy.PolicyParser;
import jarrah.storage.Kv;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The users of accounts, their policies and their access keys. Thread-safe. A change holds from the moment on at which the
 * call returns: the next request of a key that was deleted is refused.
 *
 * <p>The account's administrator keeps AdministratorAccess and the key that was made with the account, so that nobody
 * locks the account for good.
 */
public final class Users {
    /** AWS's quota for access keys of a user. */
    static final int MAX_KEYS = 2;
    /** AWS's quota for the characters of all inline policies of a user, white space not counted. */
    static final int MAX_INLINE_CHARACTERS = 2_048;
    /** AWS's quota for managed policies of a user. */
    static final int MAX_ATTACHED = 10;
    /** AWS's quota for tags of a user. */
    static final int MAX_TAGS = 50;
    /** AWS's quota for users of an account. */
    static final int MAX_USERS = 5_000;

    private final Kv kv;
    private final SecretBox box;
    private final Clock clock;
    private final Accounts accounts;

    /** How {@link Kv} and a transaction both read. */
    @FunctionalInterface
    interface Read {
        byte @Nullable [] get(byte[] key);
    }

    /**
     * An access key as lists show it.
     *
     * @param status {@code Active} or {@code Inactive}
     */
    public record Key(String id, String userName, String status, Instant created) {}

    /** @param accounts is told of each change, since it keeps what was read of users */
    public Users(Kv kv, SecretBox box, Clock clock, Accounts accounts) {
        this.kv = kv;
        this.box = box;
        this.clock = clock;
        this.accounts = accounts;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static byte[] userKey(String accountId, String name) {
        return IamRecords.key("user", accountId, lower(name));
    }

    private static byte[] policyKey(String accountId, String userName, String policyName) {
        return IamRecords.key("user-policy", accountId, lower(userName), policyName);
    }

    private static byte[] ownedKey(String accountId, String userName, String accessKeyId) {
        return IamRecords.key("user-key", accountId, lower(userName), accessKeyId);
    }

    static @Nullable User find(Read read, String accountId, String name) {
        byte[] value = read.get(userKey(accountId, name));
        return value == null ? null : decode(lower(name), IamRecords.decode(value));
    }

    private static User decode(String lowerName, JsonNode record) {
        var tags = new HashMap<String, String>();
        record.path("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().asString()));
        var attached = new ArrayList<String>();
        record.path("attached").forEach(arn -> attached.add(arn.asString()));
        if (lowerName.equals(Accounts.ADMIN) && !attached.contains(ManagedPolicies.ADMINISTRATOR_ACCESS)) {
            attached.addFirst(ManagedPolicies.ADMINISTRATOR_ACCESS);
        }
        return new User(
                record.path("name").asString(lowerName),
                record.path("path").asString("/"),
                IamRecords.text(record, "userId"),
                Instant.parse(IamRecords.text(record, "created")),
                attached,
                tags,
                Optional.ofNullable(record.path("accessKey").asString(null)));
    }

    private static void put(Kv.Tx tx, String accountId, User user) {
        var record = IamRecords.object()
                .put("name", user.name())
                .put("path", user.path())
                .put("userId", user.userId())
                .put("created", AwsTime.iso(user.created()));
        user.accountKey().ifPresent(key -> record.put("accessKey", key));
        var attached = record.putArray("attached");
        user.attached().forEach(attached::add);
        var tags = record.putObject("tags");
        user.tags().forEach(tags::put);
        tx.put(userKey(accountId, user.name()), IamRecords.encode(record));
    }

    /** Everything that is attached to a user, parsed. */
    static IdentityPolicies policies(Kv kv, String accountId, User user) {
        var policies = new ArrayList<Policy>();
        user.attached().forEach(arn -> ManagedPolicies.of(arn).ifPresent(policies::add));
        for (Kv.Entry entry : IamRecords.all(kv::scan, policyKey(accountId, user.name(), ""))) {
            policies.add(PolicyParser.identity(document(entry.value())));
        }
        return new IdentityPolicies(policies);
    }

    private static String document(byte[] value) {
        return IamRecords.text(IamRecords.decode(value), "document");
    }

    private static User require(Read read, String accountId, String name) {
        User user = find(read, accountId, name);
        if (user == null) {
            throw new IamException.NoSuchEntity("The user with name " + name + " cannot be found.");
        }
        return user;
    }

    /** The user. {@link IamException.NoSuchEntity} if there is none. */
    public User get(String accountId, String name) {
        return require(kv::get, accountId, name);
    }

    /** The user; null if there is none. */
    static @Nullable User orNull(Users users, String accountId, String name) {
        return find(users.kv::get, accountId, name);
    }

    /** All users of an account, by name. */
    public List<User> list(String accountId) {
        return IamRecords.all(kv::scan, IamRecords.key("user", accountId, "")).stream()
                .map(entry -> decode(IamRecords.lastPart(entry), IamRecords.decode(entry.value())))
                .toList();
    }

    private <T extends @Nullable Object> T change(Function<Kv.Tx, T> body) {
        T result = kv.transact(body);
        accounts.changed();
        return result;
    }

    /** Makes a user that may do nothing yet. */
    public User create(String accountId, String name, String path, Map<String, String> tags) {
        var fresh = new User(name, path, FreshIds.userId(), clock.instant(), List.of(), tags, Optional.empty());
        return change(tx -> {
            if (find(tx::get, accountId, name) != null) {
                throw new IamException.EntityAlreadyExists("User with name " + name + " already exists.");
            }
            if (IamRecords.all(tx::scan, IamRecords.key("user", accountId, "")).size() >= MAX_USERS) {
                throw new IamException.LimitExceeded("Cannot exceed quota for UsersPerAccount: " + MAX_USERS);
            }
            put(tx, accountId, fresh);
            return fresh;
        });
    }

    /** Deletes a user that has nothing left. {@link IamException.DeleteConflict} if it has. */
    public void delete(String accountId, String name, boolean hasCertificates) {
        change(tx -> {
            User user = require(tx::get, accountId, name);
            boolean hasKeys = user.accountKey().isPresent()
                    || !IamRecords.all(tx::scan, ownedKey(accountId, name, "")).isEmpty();
            if (hasKeys) {
                throw new IamException.DeleteConflict("Cannot delete entity, must delete access keys first.");
            }
            if (!IamRecords.all(tx::scan, policyKey(accountId, name, "")).isEmpty()) {
                throw new IamException.DeleteConflict("Cannot delete entity, must delete policies first.");
            }
            if (!user.attached().isEmpty()) {
                throw new IamException.DeleteConflict("Cannot delete entity, must detach all policies first.");
            }
            if (hasCertificates) {
                throw new IamException.DeleteConflict("Cannot delete entity, must delete signing certificates first.");
            }
            tx.delete(userKey(accountId, name));
            return null;
        });
    }

    private static void requireOrdinary(User user) {
        if (user.accountKey().isPresent()) {
            throw new IamException.UnmodifiableEntity(
                    "The user " + user.name() + " is the account's administrator: its policies cannot be changed.");
        }
    }

    /** Puts or replaces an inline policy. */
    public void putPolicy(String accountId, String userName, String policyName, String document) {
        try {
            PolicyParser.identity(document);
        } catch (PolicyException e) {
            throw new IamException.MalformedPolicyDocument(String.valueOf(e.getMessage()));
        }
        byte[] record = IamRecords.encode(IamRecords.object().put("document", document));
        change(tx -> {
            User user = require(tx::get, accountId, userName);
            requireOrdinary(user);
            long size = size(document);
            for (Kv.Entry other : IamRecords.all(tx::scan, policyKey(accountId, userName, ""))) {
                if (!IamRecords.lastPart(other).equals(policyName)) {
                    size += size(document(other.value()));
                }
            }
            if (size > MAX_INLINE_CHARACTERS) {
                throw new IamException.LimitExceeded(
                        "Maximum policy size of " + MAX_INLINE_CHARACTERS + " bytes exceeded for user " + userName);
            }
            tx.put(policyKey(accountId, userName, policyName), record);
            return null;
        });
    }

    private static long size(String document) {
        return document.chars().filter(c -> !Character.isWhitespace(c)).count();
    }

    /** The document of an inline policy, as it was put. */
    public String policy(String accountId, String userName, String policyName) {
        get(accountId, userName);
        byte[] value = kv.get(policyKey(accountId, userName, policyName));
        if (value == null) {
            throw noSuchPolicy(policyName);
        }
        return document(value);
    }

    private static IamException.NoSuchEntity noSuchPolicy(String policyName) {
        return new IamException.NoSuchEntity("The user policy with name " + policyName + " cannot be found.");
    }

    /** The names of a user's inline policies, ascending. */
    public List<String> policyNames(String accountId, String userName) {
        get(accountId, userName);
        return IamRecords.all(kv::scan, policyKey(accountId, userName, "")).stream()
                .map(IamRecords::lastPart)
                .toList();
    }

    public void deletePolicy(String accountId, String userName, String policyName) {
        change(tx -> {
            require(tx::get, accountId, userName);
            byte[] key = policyKey(accountId, userName, policyName);
            if (tx.get(key) == null) {
                throw noSuchPolicy(policyName);
            }
            tx.delete(key);
            return null;
        });
    }

    /** Attaches a managed policy; again is no error. */
    public void attach(String accountId, String userName, String arn) {
        change(tx -> {
            User user = require(tx::get, accountId, userName);
            requireOrdinary(user);
            if (ManagedPolicies.of(arn).isEmpty()) {
                throw new IamException.NoSuchEntity("Policy " + arn + " does not exist or is not attachable.");
            }
            var attached = new ArrayList<>(user.attached());
            if (!attached.contains(arn)) {
                attached.add(arn);
            }
            if (attached.size() > MAX_ATTACHED) {
                throw new IamException.LimitExceeded("Cannot exceed quota for PoliciesPerUser: " + MAX_ATTACHED);
            }
            put(tx, accountId, user.withAttached(attached));
            return null;
        });
    }

    public void detach(String accountId, String userName, String arn) {
        change(tx -> {
            User user = require(tx::get, accountId, userName);
            requireOrdinary(user);
            var attached = new ArrayList<>(user.attached());
            if (!attached.remove(arn)) {
                throw new IamException.NoSuchEntity("Policy " + arn + " was not found.");
            }
            put(tx, accountId, user.withAttached(attached));
            return null;
        });
    }

    /** Changes a user's tags. */
    public void tag(String accountId, String userName, UnaryOperator<Map<String, String>> change) {
        change(tx -> {
            User user = require(tx::get, accountId, userName);
            Map<String, String> tags = change.apply(user.tags());
            if (tags.size() > MAX_TAGS) {
                throw new IamException.LimitExceeded("Cannot exceed quota for TagsPerUser: " + MAX_TAGS);
            }
            put(tx, accountId, user.withTags(tags));
            return null;
        });
    }

    /** A new key of a user, with its secret, which is in the answer alone. */
    public AccessKey createKey(String accountId, String userName) {
        String id = FreshIds.accessKeyId();
        String secret = FreshIds.secretAccessKey();
        byte[] sealed = box.seal(secret.getBytes(StandardCharsets.UTF_8), Accounts.purpose(id));
        String created = AwsTime.iso(clock.instant());
        change(tx -> {
            User user = require(tx::get, accountId, userName);
            if (IamRecords.all(tx::scan, ownedKey(accountId, userName, "")).size() >= MAX_KEYS) {
                throw new IamException.LimitExceeded("Cannot exceed quota for AccessKeysPerUser: " + MAX_KEYS);
            }
            tx.put(ownedKey(accountId, userName, id), IamRecords.encode(IamRecords.object()));
            tx.put(
                    IamRecords.key("key", id),
                    IamRecords.encode(IamRecords.object()
                            .put("account", accountId)
                            .put("user", user.name())
                            .put("secret", IamRecords.base64(sealed))
                            .put("created", created)));
            return null;
        });
        AccessKey key = accounts.key(id);
        if (key == null) {
            throw new IamException.NoSuchEntity("The user with name " + userName + " cannot be found.");
        }
        return key;
    }

    /** The keys of a user; the one that was made with the account first. */
    public List<Key> keys(String accountId, String userName) {
        User user = get(accountId, userName);
        var ids = new ArrayList<String>();
        user.accountKey().ifPresent(ids::add);
        IamRecords.all(kv::scan, ownedKey(accountId, userName, "")).forEach(it -> ids.add(IamRecords.lastPart(it)));
        var keys = new ArrayList<Key>();
        for (String id : ids) {
            byte[] value = kv.get(IamRecords.key("key", id));
            if (value != null) {
                JsonNode record = IamRecords.decode(value);
                keys.add(new Key(
                        id,
                        user.name(),
                        record.path("status").asString(Accounts.ACTIVE),
                        Instant.parse(IamRecords.text(record, "created"))));
            }
        }
        return keys;
    }

    /**
     * Switches a key on or off.
     *
     * @param status {@code Active} or {@code Inactive}
     */
    public void setKeyStatus(String accountId, String userName, String accessKeyId, String status) {
        change(tx -> {
            requireOwned(tx, accountId, userName, accessKeyId);
            byte[] value = tx.get(IamRecords.key("key", accessKeyId));
            if (value == null) {
                throw noSuchKey(accessKeyId);
            }
            JsonNode record = IamRecords.decode(value);
            tx.put(
                    IamRecords.key("key", accessKeyId),
                    IamRecords.encode(IamRecords.object()
                            .put("account", IamRecords.text(record, "account"))
                            .put("user", IamRecords.text(record, "user"))
                            .put("secret", IamRecords.text(record, "secret"))
                            .put("status", status)
                            .put("created", IamRecords.text(record, "created"))));
            return null;
        });
    }

    private static void requireOwned(Kv.Tx tx, String accountId, String userName, String accessKeyId) {
        User user = require(tx::get, accountId, userName);
        if (user.accountKey().map(accessKeyId::equals).orElse(false)) {
            throw new IamException.UnmodifiableEntity(
                    "The access key " + accessKeyId + " was made with the account and lasts as long as it.");
        }
        if (tx.get(ownedKey(accountId, userName, accessKeyId)) == null) {
            throw noSuchKey(accessKeyId);
        }
    }

    private static IamException.NoSuchEntity noSuchKey(String accessKeyId) {
        return new IamException.NoSuchEntity("The Access Key with id " + accessKeyId + " cannot be found.");
    }

    public void deleteKey(String accountId, String userName, String accessKeyId) {
        change(tx -> {
            requireOwned(tx, accountId, userName, accessKeyId);
            tx.delete(ownedKey(accountId, userName, accessKeyId));
            tx.delete(IamRecords.key("key", accessKeyId));
            return null;
        });
    }
}
