package jarrah.accelerator.store;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Body;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits are limits: under churn, with every kind of body, and all is given back in the end. */
final class LimitsTest {
    private static final long MEMORY = 2 << 20;
    private static final long FILES = 8 << 20;

    @TempDir
    Path directory;

    private long onDisk() {
        long bytes = 0;
        for (File sub : Objects.requireNonNull(directory.toFile().listFiles())) {
            for (File file : Objects.requireNonNull(sub.listFiles())) {
                bytes += FileTier.cost(file.length()); // 0 if it has gone meanwhile
            }
        }
        return bytes;
    }

    @Test
    void headsAndKeysHaveALimitOfTheirOwnInFilesAndInMemory() throws Exception {
        long heads = 100_000;
        for (long fileLimit : new long[] {0, 64 << 20}) {
            try (var store = TieredCacheStore.open(64 << 20, heads, fileLimit, directory, key -> true)) {
                for (int i = 0; i < 1_000; i++) {
                    assertThat(StoredEntries.tryStore(store, "k" + i, new byte[0]))
                            .isNotNull();
                }
                assertThat(store.usage().entries()).isPositive();
                assertThat(store.usage().memoryBytes()).isBetween(heads / 2, heads);
                assertThat(store.usage().evictions())
                        .isEqualTo(1_000 - store.usage().entries());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void churnStaysWithinBothLimitsAndServesTheRightBytes(long seed) throws Exception {
        var random = new Random(seed);
        Map<String, byte[]> model = new HashMap<>();
        try (var store = TieredCacheStore.open(MEMORY, FILES, directory, key -> true)) {
            int stored = 0;
            for (int step = 0; step < 1_500; step++) {
                String path = "k" + random.nextInt(120);
                int action = random.nextInt(10);
                if (action < 5) {
                    int length = switch (random.nextInt(4)) {
                        case 0 -> random.nextInt(200);
                        case 1 -> random.nextInt(20_000);
                        case 2 -> random.nextInt(130_000);
                        default -> random.nextInt(1_500_000);
                    };
                    byte[] body = StoredEntries.body(random.nextLong(), length);
                    if (StoredEntries.tryStore(store, path, body) != null) {
                        model.put(path, body);
                        stored++;
                    }
                } else if (action == 5) {
                    store.remove(StoredEntries.key(path));
                    assertThat(store.find(StoredEntries.key(path))).isEmpty();
                } else {
                    for (Entry entry : store.find(StoredEntries.key(path))) {
                        store.touched(entry);
                        assertThat(StoredEntries.read(store, entry)).isEqualTo(model.get(path));
                    }
                }
                assertThat(store.usage().memoryBytes()).isBetween(0L, MEMORY);
                assertThat(store.usage().fileBytes()).isBetween(0L, FILES);
                if (step % 100 == 0) {
                    assertThat(onDisk()).isLessThanOrEqualTo(FILES);
                }
            }
            assertThat(stored).as("room is found nearly always").isGreaterThan(700);
            assertThat(store.usage().evictions()).isPositive();
            assertThat(store.usage().entries()).isPositive();
        }
        try (var store = TieredCacheStore.open(MEMORY, FILES, directory, key -> true)) {
            for (String path : model.keySet()) {
                for (Entry entry : store.find(StoredEntries.key(path))) {
                    assertThat(StoredEntries.read(store, entry)).isEqualTo(model.get(path));
                }
            }
            store.removeIf(_ -> true);
            assertThat(store.usage().entries()).isZero();
            assertThat(store.usage().memoryBytes()).isZero();
            assertThat(store.usage().fileBytes()).isZero();
            assertThat(onDisk()).isZero();
        }
    }

    @Test
    void headsCountAsMemoryToo() throws Exception {
        try (var store = TieredCacheStore.open(1 << 20, 0, null, key -> true)) {
            for (int i = 0; i < 5_000; i++) {
                StoredEntries.store(store, "k" + i, new byte[0]);
            }
            assertThat(store.usage().memoryBytes()).isLessThanOrEqualTo(1 << 20);
            assertThat(store.usage().entries()).isBetween(500L, 1_200L);
        }
    }

    @Test
    void withoutFilesMemoryHoldsLargerBodies() throws Exception {
        try (var store = TieredCacheStore.open(8 << 20, 0, null, key -> true)) {
            byte[] body = StoredEntries.body(1, 2 << 20);
            assertThat(StoredEntries.read(store, StoredEntries.store(store, "k", body)))
                    .isEqualTo(body);
            assertThat(store.maxBodyBytes()).isEqualTo(2 << 20);
            assertThat(store.draft((2 << 20) + 1).kept()).isFalse();
        }
    }

    @Test
    void anEvictedFileThatIsBeingSentCountsUntilItIsSent() throws Exception {
        try (var store = TieredCacheStore.open(MEMORY, FILES, directory, key -> true)) {
            byte[] body = StoredEntries.body(1, 1_000_000);
            Entry entry = StoredEntries.store(store, "k", body);
            var sending = (jarrah.http.Body.FilePart) entry.content().tryBody(0, body.length);
            assertThat(sending).isNotNull();
            store.remove(entry);
            assertThat(store.usage().fileBytes()).isEqualTo(FileTier.cost(body.length));
            var bytes = java.nio.ByteBuffer.allocate(body.length);
            while (bytes.hasRemaining()) {
                sending.channel().read(bytes, bytes.position());
            }
            assertThat(bytes.array()).isEqualTo(body);
            sending.released().run();
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (store.usage().fileBytes() > 0) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.onSpinWait();
            }
        }
    }

    /** Clients that take nothing of what they asked for cannot have more held for them than the limit. */
    @Test
    void evictedMemoryThatIsBeingSentCountsUntilItIsSent() throws Exception {
        byte[] large = StoredEntries.body(1, 1_000_000);
        try (var store = TieredCacheStore.open(MEMORY, FILES, directory, key -> true)) {
            StoredEntries.store(store, "in a file", large);
            var sending = new ArrayList<Body>();
            long held = 0;
            for (int i = 0; i < 50; i++) {
                byte[] body = StoredEntries.body(i, 100_000);
                Entry entry = StoredEntries.store(store, "k" + i, body);
                Body taken = entry.content().tryBody(0, body.length);
                if (taken instanceof Body.Shared) {
                    sending.add(taken);
                    held += body.length;
                } else if (taken instanceof Body.FilePart(var _, var _, var _, var released)) {
                    released.run();
                }
                assertThat(held).isLessThanOrEqualTo(MEMORY);
                assertThat(store.usage().memoryBytes()).isBetween(held, MEMORY);
            }
            assertThat(held).as("more than half may be held").isGreaterThan(MEMORY / 2);
            assertThat(store.find(StoredEntries.key("in a file")))
                    .as("files are not given up for it")
                    .hasSize(1);
            sending.forEach(Content::letGo);
            for (int i = 0; i < 10; i++) {
                byte[] body = StoredEntries.body(i, 100_000);
                Entry entry = StoredEntries.store(store, "after " + i, body);
                assertThat(entry.content().memory()).as("room again").isNotNull();
            }
            store.removeIf(entry -> true);
            assertThat(store.usage().memoryBytes()).isZero();
        }
    }

    @Test
    void whatIsUsedStaysAndLargeOnesGiveWayFirst() {
        Map<String, Integer> hits = new HashMap<>();
        var order = new GreedyDual<String>(name -> hits.getOrDefault(name, 0), true);
        order.add("large", 100_000);
        order.add("small", 100);
        order.add("hit", 100_000);
        GreedyDual.Node<String> gone = order.add("gone", 1_000_000);
        hits.put("hit", 5_000);
        order.remove(gone);
        assertThat(order.victim()).isEqualTo("large");
        order.add("new", 50_000);
        assertThat(order.victim()).isEqualTo("new");
        assertThat(order.victim()).isEqualTo("small");
        assertThat(order.victim()).isEqualTo("hit");
        assertThat(order.victim()).isNull();
    }

    @Test
    void whatWasHitLongAgoGivesWayInTheEnd() {
        Map<String, Integer> hits = new HashMap<>(Map.of("old", 3));
        var order = new GreedyDual<String>(name -> hits.getOrDefault(name, 0), false);
        order.add("old", 1);
        int rounds = 0;
        String victim;
        do {
            order.add("new" + rounds++, 1);
            victim = order.victim();
        } while (!"old".equals(victim) && rounds < 100);
        assertThat(rounds).isBetween(3, 99);
    }
}
