package jarrah.accelerator.store;

import jarrah.http.ResponseBody;
import jarrah.http.SharedBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body that is arriving: one thread appends, any number read behind it, each at its own pace.
 *
 * <p>It grows in memory, then in a file. When it may not grow any further, or is not to be kept at all, it turns into a
 * <em>window</em>: the appender then waits until every reader has taken the last stretch, and a reader that has none ends
 * it. Guarded by its own monitor; the fields of the appender are touched by that thread alone.
 */
public final class Draft {
    /** The most that a window holds, bytes; also the stretch in which a file is sent behind the appender. */
    private static final int WINDOW_BYTES = 256 * 1024;

    private static final int FILE_STRETCH_BYTES = 4 << 20;

    /** The longest wait for the other side; both sides have shorter deadlines of their own on the network. */
    private static final long STALL_MILLIS = 120_000;

    /** What a draft needs of its store. */
    interface Room {
        /** Takes memory; false if there is none to be had. */
        boolean takeMemory(long bytes);

        void giveMemory(long bytes);

        /** Takes space for a file; false if there is none to be had. */
        boolean takeFile(long bytes);

        void giveFile(long bytes);

        /** A new file; null if there are none. */
        @Nullable
        FileDraft file() throws IOException;
    }

    private final Room room;
    private final long length;
    private final int memoryBytes;
    private final long maxBytes;

    /** The appender's: what was taken from the room. */
    private long memoryTaken;

    private long fileTaken;
    private @Nullable FileDraft file;

    private byte[] memory = new byte[0];
    private @Nullable FileChannel readable;
    private long written;
    private boolean windowed;
    private byte[] window = new byte[0];
    private long windowStart;
    private long keptBytes;
    private boolean complete;
    private @Nullable IOException failure;
    /** Keeps the file open for those who still read it, whatever becomes of the entry. */
    private @Nullable OpenFile forReaders;

    private final List<Reader> readers = new ArrayList<>();

    /**
     * Begins a body.
     *
     * @param length declared, or -1
     * @param memoryBytes how much of it may lie in memory
     * @param maxBytes how long it may become and be kept; 0 to pass it on only
     */
    Draft(Room room, long length, int memoryBytes, long maxBytes) {
        this.room = room;
        this.length = length;
        this.memoryBytes = memoryBytes;
        this.maxBytes = maxBytes;
        windowed = length > maxBytes || maxBytes == 0;
    }

    /** The declared length, bytes; -1 if unknown. */
    public long length() {
        return length;
    }

    /** Whether the body is kept so far. */
    public synchronized boolean kept() {
        return !windowed;
    }

    /**
     * Appends all remaining bytes; waits for readers once nothing is kept any more.
     *
     * @throws IOException if nobody reads what is not kept
     */
    public void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (windowed) {
                appendToWindow(bytes);
            } else if (fitsMemory(bytes.remaining()) && growMemory(bytes.remaining())) {
                appendToMemory(bytes);
            } else if (!appendToFile(bytes)) {
                synchronized (this) {
                    windowed = true;
                    keptBytes = written;
                    windowStart = written;
                }
            }
        }
    }

    private boolean fitsMemory(int more) {
        return file == null && length <= memoryBytes && written + more <= memoryBytes;
    }

    private boolean growMemory(int more) {
        long needed = written + more;
        if (needed > memoryTaken) {
            long wanted = length >= 0 ? Math.max(length, needed) : Math.min(memoryBytes, Math.max(8_192, 2 * needed));
            wanted = Math.min(wanted, memoryBytes);
            if (!room.takeMemory(wanted - memoryTaken)) {
                return false;
            }
            memoryTaken = wanted;
            synchronized (this) {
                memory = Arrays.copyOf(memory, (int) wanted);
            }
        }
        return true;
    }

    private synchronized void appendToMemory(ByteBuffer bytes) {
        int count = bytes.remaining();
        bytes.get(memory, (int) written, count);
        written += count;
        notifyAll();
    }

    /** False if the file may not grow, or the disk does not let it. */
    private boolean appendToFile(ByteBuffer bytes) {
        int count = bytes.remaining();
        int start = bytes.position();
        try {
            if (written + count > maxBytes || !growFile(count)) {
                return false;
            }
            FileDraft target = file;
            if (target == null) {
                target = room.file();
                if (target == null) {
                    return false;
                }
                file = target;
                target.append(ByteBuffer.wrap(memory, 0, (int) written));
            }
            target.append(bytes);
            synchronized (this) {
                readable = target.channel();
                written += count;
                memory = new byte[0];
                notifyAll();
            }
            room.giveMemory(memoryTaken);
            memoryTaken = 0;
            return true;
        } catch (IOException e) {
            bytes.position(start); // the disk is full or failing: what is left goes through the window
            return false;
        }
    }

    private boolean growFile(int more) {
        long needed = FileTier.cost(written + more);
        if (needed > fileTaken) {
            long wanted = length >= 0 ? FileTier.cost(length) : needed + FILE_STRETCH_BYTES;
            wanted = Math.max(needed, Math.min(wanted, FileTier.cost(maxBytes)));
            if (!room.takeFile(wanted - fileTaken)) {
                return false;
            }
            fileTaken = wanted;
        }
        return true;
    }

    private synchronized void appendToWindow(ByteBuffer bytes) throws IOException {
        awaitReaders();
        int count = Math.min(bytes.remaining(), WINDOW_BYTES);
        if (window.length < count) {
            window = new byte[count];
        }
        bytes.get(window, 0, count);
        windowStart = written;
        written += count;
        notifyAll();
    }

    /** Until every reader has taken all that was written. */
    private synchronized void awaitReaders() throws IOException {
        long deadline = System.nanoTime() + STALL_MILLIS * 1_000_000;
        while (true) {
            if (readers.isEmpty()) {
                throw new IOException("nobody reads on what is not kept");
            }
            long behind = written;
            for (Reader reader : readers) {
                behind = Math.min(behind, reader.position);
            }
            if (behind >= written) {
                return;
            }
            pause(deadline, "the readers stand still");
        }
    }

    @SuppressWarnings("WaitNotInLoop") // both callers loop
    private void pause(long deadline, String complaint) throws IOException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new IOException(complaint);
        }
        try {
            wait(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Ends the body.
     *
     * @return the body, whose room is the caller's to store or discard; null if it was not kept
     * @throws IOException if it is not as long as declared
     */
    public @Nullable Content finish() throws IOException {
        if (length >= 0 && written != length) {
            var cut = new IOException("the body ended after " + written + " of " + length + " bytes");
            fail(cut);
            throw cut;
        }
        Content content = windowed ? null : content();
        if (windowed) {
            giveBack();
        }
        synchronized (this) {
            complete = true;
            notifyAll();
        }
        return content;
    }

    /** The body, which takes over what of the room it needs; an error on the way leaves all of it to {@link #fail}. */
    private Content content() {
        FileDraft target = file;
        if (target != null) {
            room.giveFile(fileTaken - FileTier.cost(written));
            fileTaken = FileTier.cost(written);
            FileBody body = target.finish();
            file = null;
            fileTaken = 0;
            holdForReaders(body);
            return new Content(written, null, body);
        }
        room.giveMemory(memoryTaken - written);
        memoryTaken = written;
        SharedBytes bytes = written == 0 ? null : SharedBytes.copyOf(ByteBuffer.wrap(memory, 0, (int) written));
        memoryTaken = 0;
        return new Content(written, bytes, null);
    }

    /** Readers hold the channel by a reference of their own, since the body may be evicted under them. */
    private synchronized void holdForReaders(FileBody body) {
        if (!readers.isEmpty()) {
            forReaders = body.tryOpen(0, 0);
        }
    }

    /** Ends the body as broken, unless it has ended: whoever reads it is told. */
    public void fail(IOException cause) {
        synchronized (this) {
            if (complete || failure != null) {
                return;
            }
            failure = cause;
            notifyAll();
        }
        giveBack();
    }

    private void giveBack() {
        room.giveMemory(memoryTaken);
        memoryTaken = 0;
        FileDraft target = file;
        if (target != null) {
            file = null;
            long taken = fileTaken;
            fileTaken = 0;
            OpenFile open = target.abandon(() -> room.giveFile(taken));
            synchronized (this) {
                forReaders = open;
                closeIfUnread();
            }
        }
    }

    private synchronized void closeIfUnread() {
        OpenFile open = forReaders;
        if (open != null && readers.isEmpty() && (complete || failure != null)) {
            forReaders = null;
            open.release();
        }
    }

    /** A reader at the beginning, to be closed; null if the beginning is gone or the whole body is there already. */
    public synchronized @Nullable Reader reader() {
        if (complete || failure != null || (windowed && written > keptBytes)) {
            return null;
        }
        var reader = new Reader();
        readers.add(reader);
        return reader;
    }

    /** Reads behind the appender; owned by one thread. */
    public final class Reader implements AutoCloseable {
        private long position;

        /**
         * Writes a part of the body to a client as it arrives.
         *
         * @param offset of the first byte
         * @param count bytes; -1 for all to the end
         * @throws IOException if the client is gone, or the body broke off
         */
        public void copyTo(ResponseBody target, long offset, long count) throws IOException {
            long end = count < 0 ? Long.MAX_VALUE : offset + count;
            moved(offset);
            while (position < end) {
                Piece piece = await(position, end);
                if (piece == null) {
                    return;
                }
                piece.writeTo(target);
                moved(position + piece.count());
            }
        }

        private void moved(long to) {
            synchronized (Draft.this) {
                position = to;
                if (windowed) {
                    Draft.this.notifyAll();
                }
            }
        }

        @Override
        public void close() {
            synchronized (Draft.this) {
                readers.remove(this);
                closeIfUnread();
                Draft.this.notifyAll();
            }
        }
    }

    /** Bytes that are there. */
    private sealed interface Piece {
        long count();

        void writeTo(ResponseBody target) throws IOException;

        record Bytes(byte[] array, int offset, int size) implements Piece {
            @Override
            public long count() {
                return size;
            }

            @Override
            public void writeTo(ResponseBody target) throws IOException {
                target.write(ByteBuffer.wrap(array, offset, size));
            }
        }

        record Stretch(FileChannel channel, long offset, long count) implements Piece {
            @Override
            public void writeTo(ResponseBody target) throws IOException {
                target.transfer(channel, offset, count);
            }
        }
    }

    /** The bytes at a place, waited for; null at the end of the body. */
    private synchronized @Nullable Piece await(long at, long end) throws IOException {
        long deadline = System.nanoTime() + STALL_MILLIS * 1_000_000;
        while (at >= written) {
            if (failure != null) {
                throw new IOException("the body broke off: " + failure.getMessage(), failure);
            }
            if (complete) {
                return null;
            }
            pause(deadline, "the body stands still");
        }
        if (windowed && at >= keptBytes) {
            int from = Math.toIntExact(at - windowStart); // the appender waits for us, so the window has it
            return new Piece.Bytes(window, from, (int) (Math.min(end, written) - at));
        }
        long until = Math.min(end, windowed ? keptBytes : written);
        FileChannel channel = readable;
        return channel == null
                ? new Piece.Bytes(memory, (int) at, (int) (until - at))
                : new Piece.Stretch(channel, at, Math.min(until - at, FILE_STRETCH_BYTES));
    }
}
