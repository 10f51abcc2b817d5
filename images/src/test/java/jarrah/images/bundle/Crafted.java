package jarrah.images.bundle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import javax.crypto.Cipher;

/** Bundles of one part whose content a test made up; digests and sizes are right unless the test changes them. */
final class Crafted {
    private Crafted() {}

    /** Wraps a tar. */
    static Manifest ofTar(Path directory, byte[] tar, long size) {
        return ofGzip(directory, gzip(tar), tar, size);
    }

    /** Wraps compressed bytes. */
    static Manifest ofGzip(Path directory, byte[] gzip, byte[] tar, long size) {
        BundleKeys keys = BundleKeys.random(new SecureRandom());
        try {
            return ofCiphertext(
                    directory, keys, keys.cipher(Cipher.ENCRYPT_MODE).doFinal(gzip), tar, size);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static Manifest ofCiphertext(Path directory, BundleKeys keys, byte[] part, byte[] tar, long size) {
        try {
            Files.write(directory.resolve("image.part.0"), part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Manifest(
                Manifest.VERSION,
                new Manifest.Bundler("crafted", "1", "0"),
                new Manifest.Machine("x86_64", List.of(), Optional.empty(), Optional.empty(), List.of()),
                new Manifest.Image(
                        "image",
                        "123456789012",
                        ImageType.MACHINE,
                        Optional.empty(),
                        List.of(),
                        Fixtures.sha1(tar),
                        size,
                        part.length,
                        keys.encryptFor(Fixtures.CLOUD),
                        keys.encryptFor(Fixtures.USER),
                        List.of(new Manifest.Part(0, "image.part.0", Fixtures.sha1(part)))),
                "");
    }

    static byte[] gzip(byte[] bytes) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A tar of one plain file, with that much behind its padding. */
    static byte[] tar(byte[] image, byte[] behind) {
        byte[] header = TarHeader.of("image", image.length, Extent.whole(image.length));
        int padded = (image.length + 511) / 512 * 512;
        byte[] tar = new byte[header.length + padded + behind.length];
        System.arraycopy(header, 0, tar, 0, header.length);
        System.arraycopy(image, 0, tar, header.length, image.length);
        System.arraycopy(behind, 0, tar, header.length + padded, behind.length);
        return tar;
    }

    static byte[] concat(byte[]... pieces) {
        var out = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            out.writeBytes(piece);
        }
        return out.toByteArray();
    }
}
