package jarrah.storage;

import java.nio.file.Path;

/** The test's disk must be as good as the real one while it is not told to fail. */
final class FaultyDiskBlobsTest extends BlobsContract {
    private final FaultyDisk disk = new FaultyDisk();

    @Override
    Blobs make(Path directory) throws Exception {
        return new FileBlobs(disk, directory, VerifyMode.ALWAYS, 0);
    }
}
