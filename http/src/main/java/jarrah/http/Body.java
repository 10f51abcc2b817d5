package jarrah.http;

import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** The body of an answer that is at hand as a whole. */
public sealed interface Body {
    /** No body. */
    Body EMPTY = new Bytes(new byte[0]);

    /** The number of bytes of the body. */
    long length();

    static Body of(byte[] bytes) {
        return new Bytes(bytes);
    }

    /** The text in UTF-8. */
    static Body of(String text) {
        return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes on the heap, not changed after this. */
    record Bytes(byte[] bytes) implements Body {
        @Override
        public long length() {
            return bytes.length;
        }
    }

    /**
     * A part of bytes in direct memory, shared with others: the engine takes a reference and drops it when they are sent.
     *
     * @param bytes the memory
     * @param offset of the first byte
     * @param size number of bytes, within the memory
     */
    record Shared(SharedBytes bytes, int offset, int size) implements Body {
        @Override
        public long length() {
            return size;
        }
    }

    /**
     * A part of a file, sent by sendfile.
     *
     * @param channel open until {@code released} runs
     * @param position offset of the first byte
     * @param length number of bytes, within the file
     * @param released runs exactly once, when the bytes have been sent or never will be; must not block
     */
    record FilePart(FileChannel channel, long position, long length, Runnable released) implements Body {}

    /**
     * The length that a GET would have, for the answer to a HEAD. In an answer to anything else this is an error.
     *
     * @param length bytes; -1 if it is not known, and then no Content-Length is sent
     */
    record LengthOnly(long length) implements Body {}
}
