package jarrah.iam;

import jarrah.aws.AwsTime;
import jarrah.aws.SigningSecrets;
import jarrah.storage.Kv;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The accounts of this server, each with its administrator and that user's access key. Thread-safe. */
public final class Accounts implements SigningSecrets {
    /** The user that every account is born with. */
    public static final String ADMIN = "admin";
    /** The most accounts that a listing reads at once. */
    private static final int PAGE = 1_000;

    /** The status of a key that signs. */
    static final String ACTIVE = "Active";

    private static final int CANONICAL_ID_DIGITS = 64;

    private final Kv kv;
    private final SecretBox box;
    private final Clock clock;
    /** Active keys by id, as read from the store at some revision. */
    private final ConcurrentHashMap<String, Cached> keys = new ConcurrentHashMap<>();
    /** Raised after each change of a user or a key: what was read before it is read again. */
    private final AtomicLong revision = new AtomicLong();
    /** Accounts as read from the store; they never change either. Listings ask for each object's owner. */
    private final ConcurrentHashMap<String, Account> byCanonicalId = new ConcurrentHashMap<>();

    /** A key, with the revision before which it was read. */
    private record Cached(AccessKey key, long revision) {}

    public Accounts(Kv kv, SecretBox box, Clock clock) {
        this.kv = kv;
        this.box = box;
        this.clock = clock;
    }

    /**
     * Makes an account with the user {@link #ADMIN} and an access key. Asking again for the account that is there
     * answers with it.
     *
     * @return the administrator's access key
     * @throws IamException.EntityAlreadyExists if the name, the id or the access key is taken by something else
     */
    public AccessKey create(NewAccount wanted) {
        String id = wanted.id().orElseGet(FreshIds::accountId);
        String canonicalId = FreshIds.canonicalId();
        String userId = FreshIds.userId();
        String accessKeyId = wanted.accessKeyId().orElseGet(FreshIds::accessKeyId);
        String secret = wanted.secretAccessKey().orElseGet(FreshIds::secretAccessKey);
        String created = AwsTime.iso(clock.instant());
        byte[] sealed = box.seal(secret.getBytes(StandardCharsets.UTF_8), purpose(accessKeyId));
        String taken = kv.transact(tx -> {
            byte[] there = tx.get(IamRecords.key("account-name", wanted.name()));
            if (there != null) {
                return IamRecords.text(IamRecords.decode(there), "id");
            }
            if (tx.get(IamRecords.key("account", id)) != null) {
                throw new IamException.EntityAlreadyExists("Account " + id + " already exists under another name.");
            }
            if (tx.get(IamRecords.key("key", accessKeyId)) != null) {
                throw new IamException.EntityAlreadyExists(
                        "Access key " + accessKeyId + " already belongs to an account.");
            }
            var account = IamRecords.object()
                    .put("name", wanted.name())
                    .put("canonicalId", canonicalId)
                    .put("created", created);
            var reference = IamRecords.encode(IamRecords.object().put("id", id));
            if (wanted.email().isPresent()) {
                String email = wanted.email().get();
                if (tx.get(IamRecords.key("email", email)) != null) {
                    throw new IamException.EntityAlreadyExists("Another account has the e-mail address " + email + ".");
                }
                account.put("email", email);
                tx.put(IamRecords.key("email", email), reference);
            }
            tx.put(IamRecords.key("account", id), IamRecords.encode(account));
            tx.put(IamRecords.key("account-name", wanted.name()), reference);
            tx.put(IamRecords.key("canonical", canonicalId), reference);
            var user = IamRecords.object()
                    .put("userId", userId)
                    .put("accessKey", accessKeyId)
                    .put("created", created);
            tx.put(IamRecords.key("user", id, ADMIN), IamRecords.encode(user));
            var key = IamRecords.object()
                    .put("account", id)
                    .put("user", ADMIN)
                    .put("secret", IamRecords.base64(sealed))
                    .put("created", created);
            tx.put(IamRecords.key("key", accessKeyId), IamRecords.encode(key));
            return null;
        });
        return taken == null ? requireKey(accessKeyId) : requireSame(wanted, adminKey(taken));
    }

    private static AccessKey requireSame(NewAccount wanted, AccessKey there) {
        boolean same = wanted.id().map(there.account().id()::equals).orElse(true)
                && wanted.accessKeyId().map(there.id()::equals).orElse(true)
                && wanted.secretAccessKey().map(there.secret()::equals).orElse(true)
                && (wanted.email().isEmpty()
                        || wanted.email().equals(there.account().email()));
        if (!same) {
            throw new IamException.EntityAlreadyExists(
                    "Account " + wanted.name() + " already exists with another id, access key or e-mail address.");
        }
        return there;
    }

    /** All accounts, by ascending id. */
    public List<Account> list() {
        var accounts = new ArrayList<Account>();
        byte[] from = IamRecords.key("account", "");
        byte[] to = IamRecords.key("account", "~");
        while (true) {
            List<Kv.Entry> page = kv.scan(from, to, PAGE);
            for (Kv.Entry entry : page) {
                String key = new String(entry.key(), StandardCharsets.UTF_8);
                accounts.add(account(key.substring("iam/account/".length()), IamRecords.decode(entry.value())));
            }
            if (page.size() < PAGE) {
                return accounts;
            }
            from = java.util.Arrays.copyOf(page.getLast().key(), page.getLast().key().length + 1);
        }
    }

    /** The account; null if there is none of that id. */
    public @Nullable Account find(String accountId) {
        byte[] value = kv.get(IamRecords.key("account", accountId));
        return value == null ? null : account(accountId, IamRecords.decode(value));
    }

    /** The account of that name; null if there is none. */
    public @Nullable Account findByName(String name) {
        return follow(IamRecords.key("account-name", name));
    }

    /** The account with that e-mail address, whatever its case; null if there is none. */
    public @Nullable Account findByEmail(String email) {
        return follow(IamRecords.key("email", email.toLowerCase(Locale.ROOT)));
    }

    /** The account that S3's lists name so; null if there is none. */
    public @Nullable Account findCanonical(String canonicalId) {
        Account cached = byCanonicalId.get(canonicalId);
        if (cached == null && canonicalId.length() == CANONICAL_ID_DIGITS) {
            cached = follow(IamRecords.key("canonical", canonicalId));
            if (cached != null) {
                byCanonicalId.put(canonicalId, cached);
            }
        }
        return cached;
    }

    private @Nullable Account follow(byte[] referenceKey) {
        byte[] value = kv.get(referenceKey);
        return value == null ? null : find(IamRecords.text(IamRecords.decode(value), "id"));
    }

    /** The access key of an account's administrator. */
    public AccessKey adminKey(String accountId) {
        byte[] user = kv.get(IamRecords.key("user", accountId, ADMIN));
        if (user == null) {
            throw new IamException.NoSuchEntity("There is no account " + accountId + ".");
        }
        return requireKey(IamRecords.text(IamRecords.decode(user), "accessKey"));
    }

    /** The active access key with its user and account; null if there is none of that id. */
    public @Nullable AccessKey key(String accessKeyId) {
        Cached cached = keys.get(accessKeyId);
        // Read before the record: a change beside this one raises it, and what is kept here counts no more.
        long now = revision.get();
        if (cached != null && cached.revision() == now) {
            return cached.key();
        }
        if (accessKeyId.length() > 128) {
            return null;
        }
        byte[] value = kv.get(IamRecords.key("key", accessKeyId));
        AccessKey key = value == null ? null : readKey(accessKeyId, IamRecords.decode(value));
        if (key == null) {
            keys.remove(accessKeyId);
            return null;
        }
        keys.put(accessKeyId, new Cached(key, now));
        return key;
    }

    /** To be called when a change of a user or a key is committed, before it is acknowledged. */
    void changed() {
        revision.incrementAndGet();
    }

    /** The account of an access key, active or not; null if there is no such key. */
    @Nullable
    Account accountOfKey(String accessKeyId) {
        byte[] value = accessKeyId.length() > 128 ? null : kv.get(IamRecords.key("key", accessKeyId));
        return value == null ? null : find(IamRecords.text(IamRecords.decode(value), "account"));
    }

    private @Nullable AccessKey readKey(String accessKeyId, JsonNode record) {
        String accountId = IamRecords.text(record, "account");
        String userName = IamRecords.text(record, "user");
        Account account = find(accountId);
        User user = Users.find(kv::get, accountId, userName);
        // Without a user, it was deleted between the two reads.
        if (account == null
                || user == null
                || !record.path("status").asString(ACTIVE).equals(ACTIVE)) {
            return null;
        }
        byte[] secret = box.unseal(IamRecords.bytes(record, "secret"), purpose(accessKeyId));
        var principal = new Principal.User(
                account.id(),
                account.canonicalId(),
                account.name(),
                user.name(),
                user.arn(accountId),
                user.userId(),
                accessKeyId,
                user.tags(),
                Users.policies(kv, accountId, user));
        return new AccessKey(accessKeyId, new String(secret, StandardCharsets.UTF_8), account, principal);
    }

    private AccessKey requireKey(String accessKeyId) {
        AccessKey key = key(accessKeyId);
        if (key == null) {
            throw new IllegalStateException("access key " + accessKeyId + " is gone");
        }
        return key;
    }

    @Override
    public @Nullable String secretOf(String accessKeyId) {
        AccessKey key = key(accessKeyId);
        return key == null ? null : key.secret();
    }

    /** What the secret of an access key is sealed for. */
    static String purpose(String accessKeyId) {
        return "access key " + accessKeyId;
    }

    private static Account account(String id, JsonNode record) {
        return new Account(
                id,
                IamRecords.text(record, "name"),
                IamRecords.text(record, "canonicalId"),
                Optional.ofNullable(record.path("email").asString(null)),
                Instant.parse(IamRecords.text(record, "created")));
    }
}
