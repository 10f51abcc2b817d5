package jarrah.images.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/** Encrypts what it is given and cuts the ciphertext into parts. Owned by one thread. */
final class PartWriter implements AutoCloseable {
    private final PartSink sink;
    private final long partBytes;
    private final Cipher cipher;
    private final MessageDigest digest = Sha1.digest();
    private final List<String> digests = new ArrayList<>();

    private @Nullable OutputStream part;
    private long inPart;
    private long total;

    PartWriter(PartSink sink, long partBytes, BundleKeys keys) {
        this.sink = sink;
        this.partBytes = partBytes;
        this.cipher = keys.cipher(Cipher.ENCRYPT_MODE);
    }

    void write(byte[] bytes, int length) throws IOException {
        byte[] encrypted = cipher.update(bytes, 0, length);
        if (encrypted != null) {
            cut(encrypted);
        }
    }

    /** Writes the padding and closes the last part. */
    void finish() throws IOException {
        try {
            cut(cipher.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        endPart();
    }

    private void cut(byte[] encrypted) throws IOException {
        int at = 0;
        while (at < encrypted.length) {
            OutputStream open = part;
            if (open == null) {
                if (digests.size() == Manifest.MAX_PARTS) {
                    throw new ImageException.CannotBundle("the image makes more than " + Manifest.MAX_PARTS + " parts");
                }
                open = sink.open(digests.size());
                part = open;
                inPart = 0;
            }
            int length = (int) Math.min(encrypted.length - at, partBytes - inPart);
            open.write(encrypted, at, length);
            digest.update(encrypted, at, length);
            at += length;
            inPart += length;
            total += length;
            if (inPart == partBytes) {
                endPart();
            }
        }
    }

    private void endPart() throws IOException {
        if (part != null) {
            OutputStream ended = part;
            part = null;
            ended.close();
            digests.add(HexFormat.of().formatHex(digest.digest()));
        }
    }

    /** Bytes of all parts. */
    long total() {
        return total;
    }

    /** The parts by the names that they get. */
    List<Manifest.Part> parts(String image) {
        var parts = new ArrayList<Manifest.Part>();
        for (int i = 0; i < digests.size(); i++) {
            parts.add(new Manifest.Part(i, FileNames.part(image, i, digests.size()), digests.get(i)));
        }
        return parts;
    }

    /** Closes a part that was left unfinished. */
    @Override
    public void close() throws IOException {
        if (part != null) {
            part.close();
        }
    }
}
