package jarrah.ec2.compute;

import jarrah.iam.Account;
import jarrah.iam.Accounts;
import jarrah.s3.store.Acl;
import jarrah.s3.store.Bucket;
import jarrah.s3.store.ByteSink;
import jarrah.s3.store.ObjectReader;
import jarrah.s3.store.S3Exception;
import jarrah.s3.store.S3Store;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads objects of this region's buckets, with the rights of an account. */
final class BucketReader {
    private static final int SLICE_BYTES = 1 << 20;

    private final S3Store store;
    private final Accounts accounts;

    BucketReader(S3Store store, Accounts accounts) {
        this.store = store;
        this.accounts = accounts;
    }

    /**
     * Opens an object.
     *
     * @throws Ec2Exception InvalidManifest if it is not there or the account may not read it: which of the two is not told
     */
    InputStream open(String accountId, String bucketName, String key) {
        ObjectReader reader;
        try {
            Bucket bucket = store.buckets().get(bucketName);
            reader = store.objects().open(bucketName, key);
            reader.unlock(Optional.empty());
            if (!mayRead(accountId, bucket, reader)) {
                reader.close();
                throw unreadable(bucketName, key);
            }
        } catch (S3Exception e) {
            throw unreadable(bucketName, key);
        }
        return new ObjectStream(reader);
    }

    private static Ec2Exception unreadable(String bucket, String key) {
        return Ec2Error.MANIFEST.because("HTTP 403 (Forbidden) response for URL http://s3/" + bucket + "/" + key
                + ": check your bucket and manifest's name and permissions.");
    }

    private boolean mayRead(String accountId, Bucket bucket, ObjectReader reader) {
        Account account = accounts.find(accountId);
        if (account == null) {
            return false;
        }
        if (!bucket.honoursAcls()) {
            return bucket.ownerId().equals(account.canonicalId());
        }
        Acl acl = reader.object().acl();
        return acl.ownerId().equals(account.canonicalId()) || acl.allows(account.canonicalId(), Acl.Permission.READ);
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
