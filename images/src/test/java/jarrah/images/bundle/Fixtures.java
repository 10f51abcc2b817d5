package jarrah.images.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Bundles made by the old tools, keys, and bundles made for a test. */
final class Fixtures {
    static final PrivateKey USER_KEY = privateKey("user-pk.pem");
    static final PrivateKey CLOUD_KEY = privateKey("cloud-pk.pem");
    static final PrivateKey OTHER_KEY = privateKey("other-cloud-pk.pem");
    static final X509Certificate USER = certificate("user-cert.pem");
    static final X509Certificate CLOUD = certificate("cloud-cert.pem");
    static final X509Certificate OTHER_CLOUD = certificate("other-cloud-cert.pem");

    private Fixtures() {}

    static Path directory(String name) {
        try {
            return Path.of(Objects.requireNonNull(Fixtures.class.getResource("/bundles/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static byte[] read(String name) {
        try {
            return Files.readAllBytes(directory(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Manifest manifest(String name) {
        return Manifest.parse(read(name));
    }

    private static PrivateKey privateKey(String name) {
        return Pem.privateKey(new String(read("keys/" + name), StandardCharsets.US_ASCII), name);
    }

    private static X509Certificate certificate(String name) {
        return Pem.certificate(new String(read("keys/" + name), StandardCharsets.US_ASCII), name);
    }

    static String sha1(Path file) {
        return digest("SHA-1", file);
    }

    static String sha256(Path file) {
        return digest("SHA-256", file);
    }

    private static String digest(String algorithm, Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            byte[] buffer = new byte[65_536];
            for (int got = in.read(buffer); got > 0; got = in.read(buffer)) {
                digest.update(buffer, 0, got);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static BundleSpec spec(String name, long partBytes, boolean sparse) {
        return new BundleSpec(
                name,
                "123456789012",
                ImageType.MACHINE,
                new Manifest.Machine("x86_64", List.of(), Optional.empty(), Optional.empty(), List.of()),
                new Manifest.Bundler("jarrah", "0.1", "0"),
                CLOUD,
                Optional.of(USER),
                BundleKeys.random(new SecureRandom()),
                partBytes,
                sparse,
                List.of());
    }

    /** A file with runs of random bytes, of text that compresses, and of zeros. */
    static Path image(Path file, long size, double zeros, RandomGenerator random) throws IOException {
        try (var out = Files.newByteChannel(
                file, java.nio.file.StandardOpenOption.CREATE_NEW, java.nio.file.StandardOpenOption.WRITE)) {
            for (long at = 0; at < size; ) {
                byte[] run = new byte[(int) Math.min(size - at, 1 + random.nextInt(200_000))];
                if (random.nextDouble() >= zeros) {
                    random.nextBytes(run);
                    if (random.nextBoolean()) {
                        for (int i = 0; i < run.length; i++) {
                            run[i] = (byte) ('a' + (run[i] & 3));
                        }
                    }
                }
                out.write(java.nio.ByteBuffer.wrap(run));
                at += run.length;
            }
        }
        return file;
    }
}
