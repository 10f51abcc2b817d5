package jarrah.ec2.compute;

import jarrah.aws.AwsException;
import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.s3.store.ByteSink;
import jarrah.s3.store.ObjectReader;
import jarrah.s3.wire.S3Operations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** Reads objects of this region's buckets on behalf of those who may get them. */
final class BucketReader {
    private static final int SLICE_BYTES = 1 << 20;

    private final S3Operations s3;
    private final Accounts accounts;

    BucketReader(S3Operations s3, Accounts accounts) {
        this.s3 = s3;
        this.accounts = accounts;
    }

    /**
     * Opens an object for the user of an access key.
     *
     * @throws Ec2Exception InvalidManifest if it is not there, or the user may not get it, or the key is no longer active:
     *     which of them is not told
     */
    InputStream open(String accessKeyId, String bucket, String key) {
        AccessKey by = accounts.key(accessKeyId);
        if (by == null) {
            throw unreadable(bucket, key);
        }
        try {
            return new ObjectStream(s3.open(by.principal(), bucket, key));
        } catch (AwsException e) {
            throw unreadable(bucket, key);
        }
    }

    private static Ec2Exception unreadable(String bucket, String key) {
        return Ec2Error.MANIFEST.because("HTTP 403 (Forbidden) response for URL http://s3/" + bucket + "/" + key
                + ": check your bucket and manifest's name and permissions.");
    }

    /** Pulls slices of an object that is pushed. */
    private static final class ObjectStream extends InputStream implements ByteSink {
        private final ObjectReader reader;
        private final ByteBuffer slice = ByteBuffer.allocate(SLICE_BYTES).flip();
        private long position;

        ObjectStream(ObjectReader reader) {
            this.reader = reader;
        }

        private boolean fill() throws IOException {
            long left = reader.object().size() - position;
            if (left == 0) {
                return false;
            }
            slice.clear();
            long length = Math.min(left, SLICE_BYTES);
            reader.send(position, length, this);
            position += length;
            slice.flip();
            return true;
        }

        @Override
        public void write(ByteBuffer bytes) {
            slice.put(bytes);
        }

        @Override
        public void transfer(FileChannel file, long from, long length) throws IOException {
            slice.limit(slice.position() + (int) length);
            long at = from;
            while (slice.hasRemaining()) {
                int read = file.read(slice, at);
                if (read < 0) {
                    throw new IOException("the blob ended early");
                }
                at += read;
            }
            slice.limit(slice.capacity());
        }

        @Override
        public int read() throws IOException {
            return slice.hasRemaining() || fill() ? slice.get() & 255 : -1;
        }

        @Override
        public int read(byte @Nullable [] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!slice.hasRemaining() && !fill()) {
                return -1;
            }
            int count = Math.min(length, slice.remaining());
            slice.get(java.util.Objects.requireNonNull(into), offset, count);
            return count;
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
