package jarrah.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The digests of a file, all from one reading: MD5 for S3's ETag, SHA-1 for the manifest, SHA-256 for the signature.
 *
 * @param length bytes of the file
 * @param md5 in hex
 * @param sha1 in hex
 * @param sha256 in hex
 */
record FileDigests(long length, String md5, String sha1, String sha256) {
    private static final HexFormat HEX = HexFormat.of();
    private static final int BLOCK_BYTES = 256 * 1024;

    static FileDigests of(Path file) throws IOException {
        MessageDigest md5 = digest("MD5");
        MessageDigest sha1 = digest("SHA-1");
        MessageDigest sha256 = digest("SHA-256");
        long length = 0;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK_BYTES];
            for (int got = in.read(block); got >= 0; got = in.read(block)) {
                md5.update(block, 0, got);
                sha1.update(block, 0, got);
                sha256.update(block, 0, got);
                length += got;
            }
        }
        return new FileDigests(
                length, HEX.formatHex(md5.digest()), HEX.formatHex(sha1.digest()), HEX.formatHex(sha256.digest()));
    }

    /** For {@code Content-MD5}. */
    String md5Base64() {
        return Base64.getEncoder().encodeToString(HEX.parseHex(md5));
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
