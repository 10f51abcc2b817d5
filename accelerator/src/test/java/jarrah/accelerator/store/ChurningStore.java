package jarrah.accelerator.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** A process that stores and replaces answers until it is killed; each body can be told from its path alone. */
final class ChurningStore {
    private ChurningStore() {}

    public static void main(String[] arguments) throws IOException {
        var random = new Random(Long.parseLong(arguments[1]));
        TieredCacheStore store = TieredCacheStore.open(4 << 20, 24 << 20, Path.of(arguments[0]), key -> true);
        for (long step = 0; ; step++) {
            if (step % 50 == 0) {
                System.out.println("churning");
            }
            String path = "k" + random.nextInt(1_000);
            if (store.find(StoredEntries.key(path)).isEmpty()) {
                StoredEntries.tryStore(store, path, body(path));
            }
            store.find(StoredEntries.key(path)).forEach(store::touched);
            if (random.nextInt(10) == 0) {
                store.remove(StoredEntries.key("k" + random.nextInt(1_000)));
            }
        }
    }

    static byte[] body(String path) {
        int seed = path.hashCode();
        return StoredEntries.body(seed, new Random(seed).nextInt(600_000));
    }
}
