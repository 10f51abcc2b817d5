package jarrah.storage;

import java.nio.file.Path;

final class MemoryKvTest extends KvContract {
    @Override
    Kv make(Path directory) {
        return new MemoryKv();
    }
}
