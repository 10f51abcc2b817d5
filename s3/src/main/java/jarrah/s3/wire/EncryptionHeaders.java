package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.iam.kms.DataKeys;
import jarrah.iam.kms.KeyPolicy;
import jarrah.s3.S3Settings;
import jarrah.s3.settings.BucketEncryption;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.BucketSettings;
import jarrah.s3.store.Encryption;
import jarrah.s3.store.Encryption.Kind;
import jarrah.s3.store.Protection;
import jarrah.s3.store.S3Exception;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** How requests ask for encryption and answers tell of it ("Protecting data with encryption", S3 User Guide). */
final class EncryptionHeaders {
    private static final String METHOD = "x-amz-server-side-encryption";
    private static final String KEY_ID = METHOD + "-aws-kms-key-id";
    private static final String CONTEXT = METHOD + "-context";
    private static final String BUCKET_KEY = METHOD + "-bucket-key-enabled";
    private static final String CUSTOMER = METHOD + "-customer-";
    private static final String SOURCE = "x-amz-copy-source-server-side-encryption-customer-";
    private static final Set<String> METHODS = Set.of("AES256", "aws:kms", "aws:kms:dsse");
    private static final JsonMapper JSON = new JsonMapper();
    private static final int KEY_BYTES = 32;

    private final BucketSettings settings;
    private final S3Settings configuration;

    private final Authorizer authorizer;
    private final DataKeys kms;

    EncryptionHeaders(BucketSettings settings, S3Settings configuration, Authorizer authorizer, DataKeys kms) {
        this.authorizer = authorizer;
        this.kms = kms;
        this.settings = settings;
        this.configuration = configuration;
    }

    /** A key of the client's. */
    private record CustomerKey(byte[] key, String md5) {}

    /** How new bytes shall be encrypted: as the request says, else as the bucket does. */
    Optional<Protection> ofPut(S3Request request, Bucket bucket) {
        String method = request.header(METHOD);
        CustomerKey customer = customerKey(request, CUSTOMER);
        if (customer != null) {
            if (method != null) {
                throw new S3WireException.InvalidArgument(
                        "Server Side Encryption with Customer provided key is incompatible with the encryption method"
                                + " specified",
                        METHOD,
                        method);
            }
            return Optional.of(new Protection(Encryption.customer(customer.md5), customer.key, true));
        }
        if (method == null) {
            if (request.header(KEY_ID) != null) {
                throw new S3WireException.InvalidArgument(
                        "The request contains KMS key id but the encryption method is not aws:kms", KEY_ID, "");
            }
            return settings.get(bucket.name(), BucketSettings.Kind.ENCRYPTION, EncryptionHeaders::read)
                    .map(given -> new Protection(named(request, bucket, mode(given)), false));
        }
        if (!METHODS.contains(method)) {
            throw new S3WireException.InvalidArgument(
                    "The encryption method specified is not supported", METHOD, method);
        }
        return Optional.of(new Protection(named(request, bucket, mode(request, method)), true));
    }

    static BucketEncryption read(byte[] document) {
        return BucketEncryption.of(S3Request.xml(document, Setting.ENCRYPTION.root()));
    }

    private static Encryption mode(BucketEncryption given) {
        return given.algorithm().equals("AES256")
                ? Encryption.s3()
                : Encryption.kms(kms(given.algorithm()), given.keyId().orElse(""), "", given.bucketKey());
    }

    private Encryption named(S3Request request, Bucket bucket, Encryption mode) {
        if (mode.kind() == Kind.S3) {
            return mode;
        }
        requireContext(mode.context());
        String account = request.principal() instanceof Principal.User user ? user.accountId() : bucket.accountId();
        DataKeys.Named key = kms.named(account, mode.keyId());
        require(request, key, "kms:GenerateDataKey");
        return Encryption.kms(mode.kind(), key.arn(), mode.context(), mode.bucketKey());
    }

    /**
     * Refuses a read that says how to encrypt ("GetObject" in the Amazon S3 API Reference: such fields get 400).
     *
     * @throws S3WireException.InvalidArgument naming the field
     */
    static void requireNone(Headers ofRead) {
        for (String name : List.of(METHOD, KEY_ID)) {
            String value = ofRead.first(name);
            if (value != null) {
                throw new S3WireException.InvalidArgument(
                        name + " header is not supported for this operation.", name, value);
            }
        }
    }

    /** Passes if the caller may decrypt what is encrypted so, and its key can be used. */
    void requireRead(S3Request request, Optional<Encryption> encryption) {
        if (encryption.isPresent() && !encryption.get().keyId().isEmpty()) {
            require(request, kms.named("", encryption.get().keyId()), "kms:Decrypt");
        }
    }

    // The policy of the account's own key lets in whoever S3 lets in; other keys ask for leave by their own
    // policies and the caller's.
    private void require(S3Request request, DataKeys.Named key, String action) {
        boolean allowed = request.principal() instanceof Principal.User user
                && (key.managed()
                        ? user.accountId().equals(key.accountId())
                        : KeyPolicy.allows(
                                user,
                                action,
                                key.arn(),
                                key.accountId(),
                                key.policy(),
                                authorizer.context(user, request.sent())));
        if (!allowed) {
            throw new S3WireException.AccessDenied();
        }
    }

    private static void requireContext(String context) {
        try {
            if (context.isEmpty()
                    || JSON.readTree(Base64.getDecoder().decode(context)).isObject()) {
                return;
            }
        } catch (IllegalArgumentException | JacksonException e) {
            throw badContext(context);
        }
        throw badContext(context);
    }

    private static S3WireException.InvalidArgument badContext(String context) {
        return new S3WireException.InvalidArgument(
                "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON"
                        + " which represents a string-string map",
                CONTEXT,
                context);
    }

    static Kind kms(String method) {
        return method.equals("aws:kms:dsse") ? Kind.KMS_DSSE : Kind.KMS;
    }

    private static Encryption mode(S3Request request, String method) {
        String keyId = request.header(KEY_ID);
        if (method.equals("AES256")) {
            if (keyId != null) {
                throw new S3WireException.InvalidArgument(
                        "The encryption method specified is not supported", METHOD, method);
            }
            return Encryption.s3();
        }
        String context = request.header(CONTEXT);
        return Encryption.kms(
                kms(method),
                keyId == null ? "" : keyId,
                context == null ? "" : context,
                "true".equalsIgnoreCase(request.header(BUCKET_KEY)));
    }

    /** The client's key for what the request reads, or for a part of an upload. */
    Optional<byte[]> customerKey(S3Request request) {
        return Optional.ofNullable(customerKey(request, CUSTOMER)).map(CustomerKey::key);
    }

    /** The client's key for what the request copies. */
    Optional<byte[]> sourceKey(S3Request request) {
        return Optional.ofNullable(customerKey(request, SOURCE)).map(CustomerKey::key);
    }

    private @Nullable CustomerKey customerKey(S3Request request, String prefix) {
        String algorithm = request.header(prefix + "algorithm");
        String key = request.header(prefix + "key");
        String md5 = request.header(prefix + "key-MD5");
        if (algorithm == null && key == null && md5 == null) {
            return null;
        }
        requireSafe(request);
        if (algorithm == null) {
            throw new S3WireException.InvalidArgument(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide a valid"
                            + " encryption algorithm.",
                    prefix + "algorithm",
                    "null");
        }
        if (!algorithm.equals("AES256")) {
            throw new S3WireException.InvalidEncryptionAlgorithm(algorithm);
        }
        if (key == null) {
            throw new S3WireException.InvalidArgument(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate"
                            + " secret key.",
                    prefix + "key",
                    "null");
        }
        if (md5 == null) {
            throw new S3WireException.InvalidArgument(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide the client"
                            + " calculated MD5 of the secret key.",
                    prefix + "key-MD5",
                    "null");
        }
        byte[] bytes = decode(key, prefix);
        if (!md5(bytes).equals(md5)) {
            throw new S3WireException.InvalidArgument(
                    "The calculated MD5 hash of the key did not match the hash that was provided.",
                    prefix + "key-MD5",
                    md5);
        }
        return new CustomerKey(bytes, md5);
    }

    // AWS asks for TLS; within this host there is nobody to listen.
    private void requireSafe(S3Request request) {
        var head = request.exchange().request();
        boolean atHome =
                head.remote().getAddress() != null && head.remote().getAddress().isLoopbackAddress();
        if (!head.secure() && !(configuration.customerKeysInClear() && atHome)) {
            throw new S3Exception.InvalidRequest(
                    "Requests specifying Server Side Encryption with Customer provided keys"
                            + " must be made over a secure connection.");
        }
    }

    private static byte[] decode(String key, String prefix) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(key);
        } catch (IllegalArgumentException e) {
            bytes = new byte[0];
        }
        if (bytes.length != KEY_BYTES) {
            throw new S3WireException.InvalidArgument(
                    "The secret key was invalid for the specified algorithm.", prefix + "key", "");
        }
        return bytes;
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /** Tells how an object, a part or an upload is encrypted. */
    static void write(Optional<Encryption> encryption, Headers headers) {
        if (encryption.isEmpty()) {
            return;
        }
        Encryption there = encryption.get();
        if (there.kind() == Kind.CUSTOMER) {
            headers.add(CUSTOMER + "algorithm", "AES256").add(CUSTOMER + "key-MD5", there.customerKeyMd5());
            return;
        }
        headers.add(METHOD, there.kind().wireName());
        if (!there.keyId().isEmpty()) {
            headers.add(KEY_ID, there.keyId());
        }
        if (!there.context().isEmpty()) {
            headers.add(CONTEXT, there.context());
        }
        if (there.bucketKey()) {
            headers.add(BUCKET_KEY, "true");
        }
    }
}
