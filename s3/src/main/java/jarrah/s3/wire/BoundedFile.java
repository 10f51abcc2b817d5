package jarrah.s3.wire;

import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.s3.store.Limits;
import jarrah.s3.store.S3Exception;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The file of a form, which has as many bytes as its policy lets it have. */
final class BoundedFile implements RequestBody {
    private final RequestBody file;
    private final long least;
    private final long most;
    private long count;

    /**
     * @param least fewest bytes
     * @param most most bytes; those that a put may have are the limit in any case
     */
    BoundedFile(RequestBody file, long least, long most) {
        this.file = file;
        this.least = least;
        this.most = Math.min(most, Limits.MAX_PUT_BYTES);
    }

    @Override
    public long length() {
        return file.length();
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int read = file.read(target);
        count += Math.max(0, read);
        if (count > most) {
            throw new S3Exception.EntityTooLarge(count, most);
        }
        if (read < 0 && count < least) {
            throw new S3WireException.EntityTooSmall(count, least);
        }
        return read;
    }

    @Override
    public byte[] readAll(int limitBytes) throws IOException {
        return file.readAll(limitBytes);
    }

    @Override
    public Headers trailers() {
        return file.trailers();
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
