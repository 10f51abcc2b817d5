package jarrah.storage;

import java.nio.file.Path;

final class FileBlobsTest extends BlobsContract {
    @Override
    Blobs make(Path directory) throws Exception {
        return new FileBlobs(new FileDisk(), directory, VerifyMode.FIRST_READ, 0);
    }
}
