package jarrah.ec2.compute;

import static jarrah.ec2.compute.ComputeFixture.ACCOUNT;
import static jarrah.ec2.compute.ComputeFixture.OTHER;
import static jarrah.ec2.compute.LaunchTest.refused;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.storage.MemoryKv;
import jarrah.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Key pairs, with OpenSSH's own program as the judge of their forms. */
class KeyPairTest {
    @TempDir
    Path directory;

    private final MemoryKv kv = new MemoryKv();
    private final KeyPairs keyPairs =
            new KeyPairs(kv, new Tags(kv), new ManualClock(Instant.parse("2026-11-22T12:00:00Z")));

    private Path privateKey(String pem) throws Exception {
        Path file = directory.resolve("key");
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, pem);
    }

    private static byte[] run(String... command) throws Exception {
        Programs.require(command[0], "KeyPairTest");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(new String(output, StandardCharsets.UTF_8))
                .isZero();
        return output;
    }

    private static String words(String line) {
        String[] words = line.strip().split(" ");
        return words[0] + " " + words[1];
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ed25519"})
    void sshReadsThePrivateKeyAndFindsThePublicOneThatIsOnRecord(String type) throws Exception {
        KeyPairs.Created created = keyPairs.create(ACCOUNT, "laptop", type, Map.of());
        assertThat(created.privateKeyPem())
                .startsWith(
                        type.equals("rsa")
                                ? "-----BEGIN RSA PRIVATE KEY-----\n"
                                : "-----BEGIN OPENSSH PRIVATE KEY-----\n");
        String derived = new String(
                run(
                        "ssh-keygen",
                        "-y",
                        "-f",
                        privateKey(created.privateKeyPem()).toString()),
                StandardCharsets.UTF_8);
        assertThat(words(derived)).isEqualTo(words(created.pair().publicKey()));
    }

    @Test
    void aCreatedRsaKeysFingerprintIsSha1OfItsPkcs8Form() throws Exception {
        KeyPairs.Created created = keyPairs.create(ACCOUNT, "laptop", "rsa", Map.of());
        byte[] der = run(
                "openssl",
                "pkcs8",
                "-topk8",
                "-nocrypt",
                "-outform",
                "DER",
                "-in",
                privateKey(created.privateKeyPem()).toString());
        assertThat(created.pair().fingerprint()).isEqualTo(colons("SHA-1", der));
    }

    @Test
    void anImportedRsaKeysFingerprintIsMd5OfItsPublicKeyInDer() throws Exception {
        KeyPairs.Created created = keyPairs.create(ACCOUNT, "made", "rsa", Map.of());
        Path key = privateKey(created.privateKeyPem());
        KeyPair imported = keyPairs.importKey(
                ACCOUNT, "imported", created.pair().publicKey().getBytes(StandardCharsets.UTF_8), Map.of());
        byte[] der = run("openssl", "rsa", "-in", key.toString(), "-pubout", "-outform", "DER");
        byte[] spki = java.util.Arrays.copyOfRange(der, indexOfSequence(der), der.length);
        assertThat(imported.fingerprint()).isEqualTo(colons("MD5", spki));
        assertThat(imported.type()).isEqualTo("rsa");
    }

    /** OpenSSL says "writing RSA key" before what it writes. */
    private static int indexOfSequence(byte[] output) {
        int at = 0;
        while (output[at] != 0x30 || output[at + 1] != (byte) 0x82) {
            at++;
        }
        return at;
    }

    private static String colons(String algorithm, byte[] bytes) throws Exception {
        return HexFormat.ofDelimiter(":")
                .formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    }

    @Test
    void anEd25519KeysFingerprintIsTheOneOfOpenSsh() throws Exception {
        KeyPairs.Created created = keyPairs.create(ACCOUNT, "laptop", "ed25519", Map.of());
        Path line =
                Files.writeString(directory.resolve("key.pub"), created.pair().publicKey() + "\n");
        String said = new String(run("ssh-keygen", "-l", "-f", line.toString()), StandardCharsets.UTF_8);
        assertThat(said).contains("SHA256:" + created.pair().fingerprint().replace("=", ""));
        KeyPair imported = keyPairs.importKey(
                ACCOUNT, "imported", created.pair().publicKey().getBytes(StandardCharsets.UTF_8), Map.of());
        assertThat(imported.fingerprint()).isEqualTo(created.pair().fingerprint());
    }

    @Test
    void aNameIsTakenOnceInAnAccount() {
        keyPairs.create(ACCOUNT, "laptop", "ed25519", Map.of());
        refused("InvalidKeyPair.Duplicate", () -> keyPairs.create(ACCOUNT, "laptop", "rsa", Map.of()));
        keyPairs.create(OTHER, "laptop", "ed25519", Map.of());
        assertThat(keyPairs.delete(ACCOUNT, "laptop")).isNotNull();
        assertThat(keyPairs.delete(ACCOUNT, "laptop")).isNull();
        assertThat(keyPairs.list(OTHER)).hasSize(1);
        refused("InvalidKeyPair.NotFound", () -> keyPairs.require(ACCOUNT, "laptop"));
    }

    @Test
    void namesAndTypesAreChecked() {
        refused("InvalidParameterValue", () -> keyPairs.create(ACCOUNT, " ", "rsa", Map.of()));
        refused("InvalidParameterValue", () -> keyPairs.create(ACCOUNT, "a".repeat(256), "rsa", Map.of()));
        refused("InvalidParameterValue", () -> keyPairs.create(ACCOUNT, "bell\u0007", "rsa", Map.of()));
        refused("InvalidParameterValue", () -> keyPairs.create(ACCOUNT, "a", "dsa", Map.of()));
        assertThat(keyPairs.list(ACCOUNT)).isEmpty();
    }

    @Test
    void whatIsNoPublicKeyIsNotImported() {
        byte[] wrongWord = KeyPairTest.part("ssh-dss");
        for (String material : new String[] {
            "",
            "ssh-rsa",
            "ssh-rsa not!base64",
            "ssh-rsa " + Base64.getEncoder().encodeToString(new byte[] {0, 0, 0, 7, 1}),
            "ssh-rsa " + Base64.getEncoder().encodeToString(wrongWord),
            "ssh-ed25519 " + Base64.getEncoder().encodeToString(new byte[50]),
            "ssh-ed25519 " + Base64.getEncoder().encodeToString(new byte[51]),
            "ssh-dss " + Base64.getEncoder().encodeToString(wrongWord),
            "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n",
            "ssh-rsa " + "A".repeat(20_000)
        }) {
            refused(
                    "InvalidKey.Format",
                    () -> keyPairs.importKey(ACCOUNT, "a", material.getBytes(StandardCharsets.UTF_8), Map.of()));
        }
        assertThat(keyPairs.list(ACCOUNT)).isEmpty();
    }

    private static byte[] part(String text) {
        byte[] bytes = new byte[4 + text.length()];
        bytes[3] = (byte) text.length();
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, bytes, 4, text.length());
        return bytes;
    }

    @Test
    void aSecondLineInAnImportedKeyDoesNotBecomeASecondKeyOfTheGuest() {
        KeyPairs.Created created = keyPairs.create(ACCOUNT, "made", "ed25519", Map.of());
        String two = words(created.pair().publicKey()) + " me\nssh-ed25519 AAAA evil";
        KeyPair imported = keyPairs.importKey(ACCOUNT, "imported", two.getBytes(StandardCharsets.UTF_8), Map.of());
        assertThat(imported.publicKey()).doesNotContain("\n").endsWith(" me");
    }
}
