package jarrah.accelerator.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** A body file that is being written, and read behind the writer; owned by the thread that fills it. */
final class FileDraft {
    private final FileTier tier;
    private final long id;
    private final FileChannel channel;
    private final CRC32C crc = new CRC32C();
    private int[] sums = new int[16];
    private int chunks;
    private long length;

    FileDraft(FileTier tier, long id, FileChannel channel) {
        this.tier = tier;
        this.id = id;
        this.channel = channel;
    }

    FileChannel channel() {
        return channel;
    }

    /** Appends all remaining bytes. */
    void append(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int inChunk = (int) (length % FileBody.CHUNK_BYTES);
            int count = Math.min(bytes.remaining(), FileBody.CHUNK_BYTES - inChunk);
            ByteBuffer part = bytes.slice(bytes.position(), count);
            crc.update(part.duplicate());
            while (part.hasRemaining()) {
                channel.write(part, length + part.position());
            }
            length += count;
            bytes.position(bytes.position() + count);
            if (inChunk + count == FileBody.CHUNK_BYTES) {
                endChunk();
            }
        }
    }

    private void endChunk() {
        if (chunks == sums.length) {
            sums = Arrays.copyOf(sums, 2 * chunks);
        }
        sums[chunks++] = (int) crc.getValue();
        crc.reset();
    }

    /** The whole body; the channel is its from now on. */
    FileBody finish() {
        if (length % FileBody.CHUNK_BYTES != 0) {
            endChunk();
        }
        FileBody body = FileBody.written(tier, id, length, Arrays.copyOf(sums, chunks), channel);
        tier.opened(body);
        return body;
    }

    /** A body that ends here and is not kept: the file is gone once its readers are done. */
    OpenFile abandon(Runnable whenClosed) {
        tier.unlink(id);
        return new OpenFile(channel, () -> {
            tier.closed();
            whenClosed.run();
        });
    }
}
