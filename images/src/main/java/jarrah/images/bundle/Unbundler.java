package jarrah.images.bundle;

import java.io.IOException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.util.HexFormat;

/**
 * Opens bundles: parts, AES, gzip, tar, image, in one pass and in bounded memory.
 *
 * <p>Checked on the way: every part's SHA-1, the sum of their sizes, the padding, gzip's checksum, that the tar holds one
 * file of the manifest's size and nothing else, and the tar's SHA-1. What a bundle can unfold to is bounded by the size in
 * the manifest. The manifest's signature is not looked at: {@link ManifestSignature}.
 */
public final class Unbundler {
    private Unbundler() {}

    /** As {@link #unbundle(Manifest, PartSource, PrivateKey, Path, Progress)}, without telling how far it is. */
    public static void unbundle(Manifest manifest, PartSource source, PrivateKey key, Path raw) throws IOException {
        unbundle(manifest, source, key, raw, Progress.NONE);
    }

    /**
     * Writes the image to a file, with holes where it is zero, synced to disk.
     *
     * @param manifest of the bundle
     * @param source gives the parts
     * @param key the user's or the cloud's private key
     * @param raw the file; replaced if it exists, and untouched if anything fails
     * @param progress told in bytes of the image
     * @throws ImageException.WrongKey if the key does not open the bundle
     * @throws ImageException.WrongPart if a part is not the manifest's
     * @throws ImageException.CorruptImage if what the parts hold is not the manifest's image
     * @throws IOException if a part cannot be read or the file not be written
     */
    public static void unbundle(Manifest manifest, PartSource source, PrivateKey key, Path raw, Progress progress)
            throws IOException {
        BundleKeys keys = BundleKeys.recover(manifest, key);
        long size = manifest.image().size();
        MessageDigest digest = Sha1.digest();
        try (var image = new RawImage(raw, size);
                var parts = new PartReader(manifest, source, keys);
                var gzip = new GzipReader(parts);
                var tar = new DigestInputStream(gzip, digest) {
                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        int got = super.read(target, offset, length);
                        progress.at(image.position(), size);
                        return got;
                    }
                }) {
            try {
                new TarReader(tar, size, image).extract();
            } catch (ImageException.CorruptImage e) {
                parts.finishPart();
                throw e;
            }
            String found = HexFormat.of().formatHex(digest.digest());
            if (!found.equals(manifest.image().digest())) {
                throw new ImageException.CorruptImage("the tar in the bundle has the SHA-1 " + found
                        + ", the manifest says " + manifest.image().digest());
            }
            progress.at(size, size);
            image.complete();
        }
    }
}
