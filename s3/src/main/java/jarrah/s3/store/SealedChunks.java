package jarrah.s3.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The form of encrypted bytes: chunks of 64 KiB, each encrypted by AES-256-GCM with a tag of 16 bytes behind it, so that a
 * range is read without what lies before it. The nonce is the chunk's number and whether it is the last, under a key that
 * serves these bytes alone: a chunk that was moved, dropped or changed does not open, nor do bytes that were cut at a
 * chunk's end.
 */
final class SealedChunks {
    static final int CHUNK_BYTES = 64 * 1024;
    private static final int TAG_BYTES = 16;
    private static final int SEALED_BYTES = CHUNK_BYTES + TAG_BYTES;

    private SealedChunks() {}

    /** The number of bytes that so many become. */
    static long sealedLength(long plain) {
        return plain + TAG_BYTES * ((plain + CHUNK_BYTES - 1) / CHUNK_BYTES);
    }

    private static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    private static GCMParameterSpec nonce(long chunk, boolean last) {
        return new GCMParameterSpec(
                8 * TAG_BYTES,
                ByteBuffer.allocate(12).putLong(chunk).putInt(last ? 1 : 0).array());
    }

    /** Takes bytes and gives their encrypted chunks. Used by one thread. */
    static final class Sealer {
        private final SecretKeySpec key;
        private final Cipher cipher = cipher();
        private final byte[] chunk = new byte[CHUNK_BYTES];
        private final byte[] sealed = new byte[SEALED_BYTES];
        private int filled;
        private long number;

        Sealer(byte[] key) {
            this.key = new SecretKeySpec(key, "AES");
        }

        /** Where encrypted bytes go; they may be overwritten when it returns. */
        interface Out {
            void write(byte[] bytes, int offset, int count);
        }

        void write(byte[] bytes, int offset, int count, Out out) {
            for (int done = 0; done < count; ) {
                if (filled == CHUNK_BYTES) {
                    seal(false, out); // another byte comes, so it is not the last
                }
                int step = Math.min(count - done, CHUNK_BYTES - filled);
                System.arraycopy(bytes, offset + done, chunk, filled, step);
                filled += step;
                done += step;
            }
        }

        /** Gives the last chunk, if there were any bytes. */
        void finish(Out out) {
            if (filled > 0) {
                seal(true, out);
            }
        }

        private void seal(boolean last, Out out) {
            try {
                cipher.init(Cipher.ENCRYPT_MODE, key, nonce(number++, last));
                int count = cipher.doFinal(chunk, 0, filled, sealed, 0);
                filled = 0;
                out.write(sealed, 0, count);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * Takes encrypted bytes and gives a range of what they are. Used by one thread; the range of encrypted bytes from {@link
     * #sealedOffset} of {@link #sealedLength} is to be sent into it.
     */
    static final class Opener implements ByteSink {
        private final SecretKeySpec key;
        private final Cipher cipher = cipher();
        private final String name;
        private final long size;
        private final long offset;
        private final long end;
        private final ByteSink out;
        private final byte[] sealed = new byte[SEALED_BYTES];
        private int filled;
        private long number;

        /**
         * @param name of the object, for errors
         * @param size of all bytes
         * @param offset of the range, with its length
         */
        Opener(byte[] key, String name, long size, long offset, long length, ByteSink out) {
            this.key = new SecretKeySpec(key, "AES");
            this.name = name;
            this.size = size;
            this.offset = offset;
            this.end = offset + length;
            this.out = out;
            number = offset / CHUNK_BYTES;
        }

        long sealedOffset() {
            return offset / CHUNK_BYTES * SEALED_BYTES;
        }

        /** 0 for an empty range. */
        long sealedLength() {
            if (end == offset) {
                return 0;
            }
            long behind = (end + CHUNK_BYTES - 1) / CHUNK_BYTES * CHUNK_BYTES;
            return SealedChunks.sealedLength(Math.min(behind, size)) - sealedOffset();
        }

        private int sealedBytesOfChunk() {
            return (int) Math.min(CHUNK_BYTES, size - number * CHUNK_BYTES) + TAG_BYTES;
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                int step = Math.min(bytes.remaining(), sealedBytesOfChunk() - filled);
                bytes.get(sealed, filled, step);
                taken(step);
            }
        }

        @Override
        public void transfer(FileChannel file, long position, long count) throws IOException {
            for (long done = 0; done < count; ) {
                int step = (int) Math.min(count - done, sealedBytesOfChunk() - filled);
                int read = file.read(ByteBuffer.wrap(sealed, filled, step), position + done);
                if (read < 0) {
                    throw new IOException("The file ends at " + (position + done));
                }
                done += read;
                taken(read);
            }
        }

        private void taken(int count) throws IOException {
            filled += count;
            if (filled < sealedBytesOfChunk()) {
                return;
            }
            long start = number * CHUNK_BYTES;
            byte[] plain;
            try {
                cipher.init(Cipher.DECRYPT_MODE, key, nonce(number, start + CHUNK_BYTES >= size));
                plain = cipher.doFinal(sealed, 0, filled);
            } catch (GeneralSecurityException e) {
                throw new S3Exception.Damaged(name);
            }
            int from = (int) Math.max(0, offset - start);
            int to = (int) Math.min(plain.length, end - start);
            filled = 0;
            number++;
            out.write(ByteBuffer.wrap(plain, from, to - from));
            Arrays.fill(plain, (byte) 0);
        }
    }
}
