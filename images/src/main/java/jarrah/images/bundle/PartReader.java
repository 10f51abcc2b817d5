package jarrah.images.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * The plain bytes of a bundle's parts: a thread of its own fetches, checks and decrypts ahead of the reader, within a small
 * bound. A part's last bytes come out before its digest is known, so nothing that was read counts before the end was read.
 */
final class PartReader extends InputStream {
    private static final int BLOCK_BYTES = 256 * 1024;
    private static final int BLOCKS_AHEAD = 8;
    private static final long PATIENCE_MILLIS = 100;

    private final Manifest manifest;
    private final PartSource source;
    private final Cipher cipher;
    private final BlockingQueue<Block> ahead = new ArrayBlockingQueue<>(BLOCKS_AHEAD);
    private final Thread thread;
    private volatile boolean stopped;

    private Block current = new Block(0, new byte[0], null, false);
    private int position;

    /** Plain bytes out of one part, or the end of all, which may be a failure. */
    private record Block(int part, byte[] bytes, @Nullable Throwable failure, boolean end) {}

    PartReader(Manifest manifest, PartSource source, BundleKeys keys) {
        this.manifest = manifest;
        this.source = source;
        this.cipher = keys.cipher(Cipher.DECRYPT_MODE);
        this.thread = Thread.ofPlatform().daemon().name("unbundle-parts").start(this::fetch);
    }

    /**
     * What every fault of padding and compression is called, so that the two cannot be told apart: whoever can have bundles
     * of his own making opened must not learn from the answer how another's ciphertext decrypts.
     */
    static ImageException damaged() {
        return new ImageException.CorruptImage("the parts do not decrypt to a compressed image");
    }

    private void fetch() {
        Block last;
        try {
            long total = 0;
            for (Manifest.Part part : manifest.image().parts()) {
                total += fetch(part, total);
            }
            if (total != manifest.image().bundledSize()) {
                throw new ImageException.CorruptImage("the parts hold " + total + " bytes, the manifest says "
                        + manifest.image().bundledSize());
            }
            last = new Block(manifest.image().parts().size(), cipher.doFinal(), null, true);
        } catch (GeneralSecurityException e) {
            last = new Block(manifest.image().parts().size(), new byte[0], damaged(), true);
        } catch (IOException | RuntimeException | Error e) {
            last = new Block(manifest.image().parts().size(), new byte[0], e, true);
        } catch (InterruptedException e) {
            return;
        }
        try {
            put(last);
        } catch (InterruptedException e) {
            return; // Nobody reads any more.
        }
    }

    /** Reads a part; its length in bytes. */
    private long fetch(Manifest.Part part, long before) throws IOException, InterruptedException {
        MessageDigest digest = Sha1.digest();
        long length = 0;
        try (InputStream in = source.open(part)) {
            byte[] buffer = new byte[BLOCK_BYTES];
            for (int got = in.readNBytes(buffer, 0, buffer.length);
                    got > 0;
                    got = in.readNBytes(buffer, 0, buffer.length)) {
                length += got;
                if (before + length > manifest.image().bundledSize()) {
                    throw new ImageException.WrongPart(
                            part.fileName(), "is longer than the manifest's bundled_size allows");
                }
                digest.update(buffer, 0, got);
                byte[] plain = cipher.update(buffer, 0, got);
                if (plain != null && plain.length > 0) {
                    put(new Block(part.index(), plain, null, false));
                }
            }
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (!found.equals(part.digest())) {
            throw new ImageException.WrongPart(
                    part.fileName(),
                    "is not the one in the manifest: its " + length + " bytes have the SHA-1 " + found + ", not "
                            + part.digest());
        }
        return length;
    }

    private void put(Block block) throws InterruptedException {
        while (!ahead.offer(block, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            if (stopped) {
                throw new InterruptedException();
            }
        }
        if (stopped) {
            throw new InterruptedException();
        }
    }

    /** Turns to the next block; false at the end. */
    private boolean advance() throws IOException {
        while (position == current.bytes().length) {
            if (current.end()) {
                return false;
            }
            try {
                current = ahead.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new java.io.InterruptedIOException("interrupted while unbundling");
            }
            position = 0;
            Throwable failure = current.failure();
            if (failure != null) {
                throw rethrown(failure);
            }
        }
        return true;
    }

    private static IOException rethrown(Throwable failure) {
        return switch (failure) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> new IOException(failure);
        };
    }

    /**
     * Reads on to the end of the part that is being read, so that a fault in what was decrypted is laid at the door of a
     * part that is not the right one, if that is the reason.
     */
    void finishPart() throws IOException {
        int part = current.part();
        while (current.part() == part && !current.end()) {
            position = current.bytes().length;
            if (!advance()) {
                return;
            }
        }
    }

    @Override
    public int read() throws IOException {
        return advance() ? current.bytes()[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!advance()) {
            return -1;
        }
        int got = Math.min(length, current.bytes().length - position);
        System.arraycopy(current.bytes(), position, target, offset, got);
        position += got;
        return got;
    }

    /** Ends the thread; waits until it has let go of the source. */
    @Override
    public void close() throws IOException {
        stopped = true;
        ahead.clear();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
