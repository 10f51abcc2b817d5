package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Makes certificates with the JDK's own tool. */
final class TestCertificates {
    private TestCertificates() {}

    /**
     * Writes {@code cert.pem} and {@code key.pem}.
     *
     * @param newer their files' times, seconds from now
     */
    static Tls.PemFiles write(Path directory, String name, int newer) throws Exception {
        Path store = directory.resolve(name.replace("*", "any") + ".p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        name.contains(".") ? "san=dns:" + name : "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        Path certificate = directory.resolve("cert.pem");
        Path key = directory.resolve("key.pem");
        pem(certificate, "CERTIFICATE", keys.getCertificate("a").getEncoded(), newer);
        pem(key, "PRIVATE KEY", keys.getKey("a", "secret".toCharArray()).getEncoded(), newer);
        return new Tls.PemFiles(certificate, key);
    }

    private static void pem(Path file, String kind, byte[] bytes, int newer) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(newer)));
    }
}
