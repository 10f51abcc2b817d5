package jarrah.ec2.compute;

import jarrah.storage.Kv;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The key pairs of accounts. Private keys are in the answer that makes them, and nowhere else. */
public final class KeyPairs {
    private static final int RSA_BITS = 2_048;
    /** "Up to 255 ASCII characters" (CreateKeyPair); it becomes part of a line that guests read. */
    private static final Pattern NAME = Pattern.compile("[ -~]{1,255}");

    private static final int MAX_PUBLIC_KEY_CHARS = 16_384;
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private final Kv kv;
    private final Tags tags;
    private final Clock clock;
    private final Table<KeyPair> table = new Table<>("key-pair", KeyPair.class);

    /** A fresh key pair with its private key in PEM. */
    public record Created(KeyPair pair, String privateKeyPem) {}

    KeyPairs(Kv kv, Tags tags, Clock clock) {
        this.kv = kv;
        this.tags = tags;
        this.clock = clock;
    }

    /** All key pairs of an account, by name. */
    public List<KeyPair> list(String accountId) {
        return table.all(kv, accountId);
    }

    /** The key pair of that name; null if there is none. */
    public @Nullable KeyPair find(String accountId, String name) {
        return table.get(kv, accountId, name);
    }

    /** The key pair of that name, or EC2's error. */
    KeyPair require(String accountId, String name) {
        KeyPair pair = find(accountId, name);
        if (pair == null) {
            throw Ec2Error.KEY_NOT_FOUND.because("The key pair '" + name + "' does not exist");
        }
        return pair;
    }

    /**
     * Makes a key pair.
     *
     * @param type {@code rsa} or {@code ed25519}
     */
    public Created create(String accountId, String name, String type, Map<String, String> initialTags) {
        requireFree(accountId, name);
        return switch (type) {
            case "rsa" -> createRsa(accountId, name, initialTags);
            case "ed25519" -> createEd25519(accountId, name, initialTags);
            default ->
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(
                        "Value (" + type + ") for parameter KeyType is invalid. Valid values: rsa, ed25519");
        };
    }

    /** Refuses a name that is taken or has no proper form. */
    public void requireFree(String accountId, String name) {
        if (name.isBlank() || !NAME.matcher(name).matches()) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because("Invalid value '" + name
                    + "' for keyName. A key pair's name has 1 to 255 printable ASCII characters.");
        }
        if (find(accountId, name) != null) {
            throw duplicate(name);
        }
    }

    private static Ec2Exception duplicate(String name) {
        return Ec2Error.KEY_DUPLICATE.because("The keypair already exists: '" + name + "'");
    }

    private Created createRsa(String accountId, String name, Map<String, String> initialTags) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS);
            java.security.KeyPair keys = generator.generateKeyPair();
            byte[] pkcs8 = keys.getPrivate().getEncoded();
            RSAPublicKey publicKey = (RSAPublicKey) keys.getPublic();
            String line = openSsh("ssh-rsa", rsaBlob(publicKey), name);
            KeyPair pair = put(accountId, name, colons("SHA-1", pkcs8), "rsa", line, initialTags);
            // PKCS#1, as AWS gives it: ssh clients of the older kind read nothing else.
            return new Created(pair, pem("RSA PRIVATE KEY", pkcs1(pkcs8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Created createEd25519(String accountId, String name, Map<String, String> initialTags) {
        try {
            java.security.KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            // X.509 form of an Ed25519 key (RFC 8410): a header of 12 bytes, then the 32 of the key.
            byte[] encoded = keys.getPublic().getEncoded();
            byte[] publicKey = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
            byte[] seed = ((EdECPrivateKey) keys.getPrivate()).getBytes().orElseThrow();
            byte[] blob = blob("ssh-ed25519".getBytes(StandardCharsets.US_ASCII), publicKey);
            KeyPair pair =
                    put(accountId, name, sha256(blob), "ed25519", openSsh("ssh-ed25519", blob, name), initialTags);
            return new Created(pair, pem("OPENSSH PRIVATE KEY", openSshPrivate(blob, publicKey, seed, name)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes a public key that was made elsewhere: one line in OpenSSH's form. */
    public KeyPair importKey(String accountId, String name, byte[] material, Map<String, String> initialTags) {
        requireFree(accountId, name);
        String text = new String(material, StandardCharsets.UTF_8).strip();
        String[] words = text.split("\\s+", 3);
        if (text.length() > MAX_PUBLIC_KEY_CHARS || words.length < 2) {
            throw badKey();
        }
        try {
            byte[] blob = Base64.getDecoder().decode(words[1]);
            String line = openSsh(
                    words[0],
                    blob,
                    words.length > 2 ? words[2].lines().findFirst().orElse(name) : name);
            return switch (words[0]) {
                case "ssh-rsa" ->
                    put(accountId, name, colons("MD5", rsaOf(blob).getEncoded()), "rsa", line, initialTags);
                case "ssh-ed25519" -> {
                    if (blob.length != 4 + 11 + 4 + 32 || !isEd25519(blob)) {
                        throw badKey();
                    }
                    yield put(accountId, name, sha256(blob), "ed25519", line, initialTags);
                }
                default -> throw badKey();
            };
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw badKey();
        }
    }

    private static Ec2Exception badKey() {
        return Ec2Error.KEY_FORMAT.because("Key is not in valid OpenSSH public key format");
    }

    private KeyPair put(
            String accountId,
            String name,
            String fingerprint,
            String type,
            String publicKey,
            Map<String, String> initialTags) {
        var pair = new KeyPair(Ids.fresh("key"), accountId, name, fingerprint, type, publicKey, clock.instant());
        return kv.transact(tx -> {
            if (table.get(tx, accountId, name) != null) {
                throw duplicate(name);
            }
            table.put(tx, pair, accountId, name);
            tags.add(tx, accountId, pair.id(), initialTags);
            return pair;
        });
    }

    /** Removes a key pair; harmless if there is none. Returns its id, if it was there. */
    public @Nullable String delete(String accountId, String name) {
        return kv.transact(tx -> {
            KeyPair pair = table.get(tx, accountId, name);
            if (pair == null) {
                return null;
            }
            table.delete(tx, accountId, name);
            tags.forget(tx, accountId, pair.id());
            return pair.id();
        });
    }

    private static String openSsh(String type, byte[] blob, String comment) {
        return type + " " + Base64.getEncoder().encodeToString(blob) + " " + comment;
    }

    /** RFC 4253, 6.6: the parts of a public key, each with its length before it. */
    private static byte[] blob(byte[]... parts) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            for (byte[] part : parts) {
                out.writeInt(part.length);
                out.write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] rsaBlob(RSAPublicKey key) {
        return blob(
                "ssh-rsa".getBytes(StandardCharsets.US_ASCII),
                key.getPublicExponent().toByteArray(),
                key.getModulus().toByteArray());
    }

    private static java.security.PublicKey rsaOf(byte[] blob) throws GeneralSecurityException {
        ByteBuffer in = ByteBuffer.wrap(blob);
        if (!new String(part(in), StandardCharsets.US_ASCII).equals("ssh-rsa")) {
            throw badKey();
        }
        var exponent = new BigInteger(part(in));
        var modulus = new BigInteger(part(in));
        if (modulus.bitLength() < 1_024 || modulus.bitLength() > 16_384 || exponent.signum() <= 0) {
            throw badKey();
        }
        return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    }

    private static boolean isEd25519(byte[] blob) {
        ByteBuffer in = ByteBuffer.wrap(blob);
        return new String(part(in), StandardCharsets.US_ASCII).equals("ssh-ed25519") && part(in).length == 32;
    }

    private static byte[] part(ByteBuffer in) {
        if (in.remaining() < 4) {
            throw badKey();
        }
        int length = in.getInt();
        if (length <= 0 || length > in.remaining()) {
            throw badKey();
        }
        byte[] part = new byte[length];
        in.get(part);
        return part;
    }

    private static String colons(String algorithm, byte[] bytes) throws GeneralSecurityException {
        return HexFormat.ofDelimiter(":")
                .formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    }

    private static String sha256(byte[] blob) throws GeneralSecurityException {
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(blob));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + LINES.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** The RSAPrivateKey inside PKCS#8: the content of its one OCTET STRING (RFC 5208, 5). */
    private static byte[] pkcs1(byte[] pkcs8) {
        // SEQUENCE (4 bytes of header), INTEGER 0 (3), AlgorithmIdentifier of rsaEncryption (15), OCTET STRING (4).
        return Arrays.copyOfRange(pkcs8, 4 + 3 + 15 + 4, pkcs8.length);
    }

    /** OpenSSH's own form for a private key without passphrase (PROTOCOL.key in its sources). */
    private static byte[] openSshPrivate(byte[] publicBlob, byte[] publicKey, byte[] seed, String comment) {
        byte[] both = Arrays.copyOf(seed, 64);
        System.arraycopy(publicKey, 0, both, 32, 32);
        byte[] check = Arrays.copyOf(publicKey, 4);
        var secret = new ByteArrayOutputStream();
        secret.writeBytes(check);
        secret.writeBytes(check);
        secret.writeBytes(blob(
                "ssh-ed25519".getBytes(StandardCharsets.US_ASCII),
                publicKey,
                both,
                comment.getBytes(StandardCharsets.UTF_8)));
        for (byte pad = 1; secret.size() % 8 != 0; pad++) {
            secret.write(pad);
        }
        byte[] none = "none".getBytes(StandardCharsets.US_ASCII);
        var out = new ByteArrayOutputStream();
        out.writeBytes("openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(blob(none, none, new byte[0]));
        out.writeBytes(new byte[] {0, 0, 0, 1});
        out.writeBytes(blob(publicBlob, secret.toByteArray()));
        return out.toByteArray();
    }
}
