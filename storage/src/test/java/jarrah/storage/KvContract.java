package jarrah.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link Kv} does; each transaction body is run twice. */
abstract class KvContract {
    @TempDir
    Path directory;

    private Kv kv;

    abstract Kv make(Path directory) throws Exception;

    @BeforeEach
    void open() throws Exception {
        kv = new RunsTwice(make(directory));
    }

    @AfterEach
    void close() {
        kv.close();
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private void put(String key, String value) {
        kv.transact(tx -> {
            tx.put(bytes(key), bytes(value));
            return "";
        });
    }

    private @Nullable String get(String key) {
        byte[] value = kv.get(bytes(key));
        return value == null ? null : new String(value, UTF_8);
    }

    private static List<String> keys(List<Kv.Entry> entries) {
        return entries.stream().map(entry -> new String(entry.key(), UTF_8)).toList();
    }

    @Test
    void whatWasPutIsReadUntilItIsDeleted() {
        assertThat(get("a")).isNull();
        put("a", "1");
        put("a", "2");
        assertThat(get("a")).isEqualTo("2");
        kv.transact(tx -> {
            tx.delete(bytes("a"));
            tx.delete(bytes("never there"));
            return "";
        });
        assertThat(get("a")).isNull();
    }

    @Test
    void aTransactionSeesItsOwnWritesInReadsAndScans() {
        put("a", "1");
        put("b", "1");
        put("d", "1");
        List<String> seen = kv.transact(tx -> {
            tx.put(bytes("c"), bytes("new"));
            tx.delete(bytes("b"));
            tx.put(bytes("d"), bytes("newer"));
            assertThat(tx.get(bytes("b"))).isNull();
            assertThat(tx.get(bytes("d"))).isEqualTo(bytes("newer"));
            return keys(tx.scan(bytes(""), null, 10));
        });
        assertThat(seen).containsExactly("a", "c", "d");
    }

    @Test
    void aScanWithinATransactionFillsItsLimitBehindRemovedKeys() {
        for (int i = 10; i < 30; i++) {
            put("k" + i, "v");
        }
        List<String> seen = kv.transact(tx -> {
            for (int i = 10; i < 20; i++) {
                tx.delete(bytes("k" + i));
            }
            return keys(tx.scan(bytes("k"), bytes("l"), 3));
        });
        assertThat(seen).containsExactly("k20", "k21", "k22");
    }

    @Test
    void keysAreOrderedAsUnsignedBytes() {
        kv.transact(tx -> {
            for (int b : new int[] {0x80, 0x7f, 0xff, 0x00, 0x01}) {
                tx.put(new byte[] {(byte) b}, bytes("v"));
            }
            return "";
        });
        assertThat(kv.scan(new byte[] {}, null, 10).stream().map(entry -> entry.key()[0] & 0xff))
                .containsExactly(0x00, 0x01, 0x7f, 0x80, 0xff);
    }

    @Test
    void aScanKeepsToItsBoundsAndLimit() {
        for (String key : List.of("a", "b", "c", "d")) {
            put(key, "v");
        }
        assertThat(keys(kv.scan(bytes("b"), bytes("d"), 10))).containsExactly("b", "c");
        assertThat(keys(kv.scan(bytes("b"), null, 2))).containsExactly("b", "c");
        assertThat(kv.scan(bytes("d"), bytes("a"), 10)).isEmpty();
        assertThatThrownBy(() -> kv.scan(bytes("a"), null, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> kv.scan(bytes("a"), null, 10_001)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anExceptionDiscardsTheWritesAndReachesTheCallerAsItIs() {
        var mine = new IllegalStateException("mine");
        assertThatThrownBy(() -> kv.transact(tx -> {
                    tx.put(bytes("a"), bytes("1"));
                    throw mine;
                }))
                .isSameAs(mine);
        assertThat(get("a")).isNull();
        put("b", "1");
        assertThat(get("b")).isEqualTo("1");
    }

    @Test
    void entriesBelongToTheCaller() {
        byte[] key = bytes("a");
        byte[] value = bytes("1");
        kv.transact(tx -> {
            tx.put(key, value);
            value[0] = '9';
            byte[] own = tx.get(key);
            assertThat(own).isEqualTo(bytes("1"));
            Arrays.fill(own, (byte) '8');
            value[0] = '1';
            return "";
        });
        byte[] read = kv.get(key);
        assertThat(read).isNotNull();
        Arrays.fill(read, (byte) 'x');
        kv.scan(key, null, 1).getFirst().value()[0] = 'y';
        assertThat(get("a")).isEqualTo("1");
    }

    @Test
    void aBodyMayNotCallItsKv() {
        assertThatThrownBy(() -> kv.transact(tx -> kv.get(bytes("a")))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kv.transact(tx -> kv.scan(bytes("a"), null, 1)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theLimitsHoldAndNothingIsWritten() {
        refused(tx -> tx.put(new byte[Kv.MAX_KEY_BYTES + 1], bytes("v")));
        refused(tx -> tx.put(bytes("k"), new byte[Kv.MAX_VALUE_BYTES + 1]));
        refused(tx -> tx.put(bytes("k"), new byte[0]));
        refused(tx -> {
            for (int i = 0; i <= Kv.MAX_TRANSACTION_KEYS; i++) {
                tx.put(bytes("k" + i), bytes("v"));
            }
        });
        refused(tx -> {
            for (int i = 0; i < 16; i++) {
                tx.put(bytes("k" + i), new byte[Kv.MAX_VALUE_BYTES]);
            }
        });
        assertThat(kv.scan(bytes(""), null, 10)).isEmpty();
        kv.transact(tx -> {
            tx.put(new byte[Kv.MAX_KEY_BYTES], new byte[Kv.MAX_VALUE_BYTES]);
            return "";
        });
        assertThat(kv.scan(new byte[] {}, null, 10)).hasSize(1);
    }

    private void refused(java.util.function.Consumer<Kv.Tx> body) {
        assertThatThrownBy(() -> kv.transact(tx -> {
                    body.accept(tx);
                    return "";
                }))
                .isInstanceOf(KvException.TooLarge.class);
    }

    @Test
    void countersLoseNoIncrementAmongManyThreads() throws Exception {
        int threads = 8;
        int each = 50;
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < threads; i++) {
                pool.submit(() -> {
                    for (int n = 0; n < each; n++) {
                        kv.transact(tx -> {
                            byte[] value = tx.get(bytes("n"));
                            int next = (value == null ? 0 : Integer.parseInt(new String(value, UTF_8))) + 1;
                            tx.put(bytes("n"), bytes(Integer.toString(next)));
                            return next;
                        });
                    }
                });
            }
        }
        assertThat(get("n")).isEqualTo(Integer.toString(threads * each));
    }

    // Each moves on only if the other's range is empty: at most one of the two may find it so.
    @Test
    void scannedRangesAreSerializable() throws Exception {
        for (int round = 0; round < 50; round++) {
            String left = "left" + round + "/";
            String right = "right" + round + "/";
            var start = new CountDownLatch(1);
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Boolean> one = pool.submit(() -> putIfEmpty(start, left, right));
                Future<Boolean> two = pool.submit(() -> putIfEmpty(start, right, left));
                start.countDown();
                assertThat(one.get(10, TimeUnit.SECONDS) ^ two.get(10, TimeUnit.SECONDS))
                        .isTrue();
            }
        }
    }

    private boolean putIfEmpty(CountDownLatch start, String checked, String changed) throws InterruptedException {
        start.await();
        return kv.transact(tx -> {
            if (!tx.scan(bytes(checked), bytes(checked + "~"), 1).isEmpty()) {
                return false;
            }
            tx.put(bytes(changed + "x"), bytes("v"));
            return true;
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomTransactionsAgreeWithATreeMap(long seed) {
        var random = new Random(seed);
        var model = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (int round = 0; round < 200; round++) {
            var writes = new ArrayList<Kv.Entry>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                byte[] value = random.nextInt(3) == 0 ? new byte[0] : bytes("v" + random.nextInt());
                writes.add(new Kv.Entry(randomKey(random), value));
            }
            byte[] from = randomKey(random);
            byte[] to = random.nextBoolean() ? null : randomKey(random);
            int limit = 1 + random.nextInt(20);
            var after = new TreeMap<>(model);
            writes.forEach(write -> apply(after, write));
            List<Kv.Entry> within = kv.transact(tx -> {
                for (Kv.Entry write : writes) {
                    if (write.value().length == 0) {
                        tx.delete(write.key());
                    } else {
                        tx.put(write.key(), write.value());
                    }
                }
                return tx.scan(from, to, limit);
            });
            model = after;
            assertSame(within, model, from, to, limit);
            assertSame(kv.scan(from, to, limit), model, from, to, limit);
        }
    }

    private static byte[] randomKey(Random random) {
        var key = new byte[1 + random.nextInt(3)];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (random.nextInt(4) * 0x55);
        }
        return key;
    }

    private static void apply(SortedMap<byte[], byte[]> model, Kv.Entry write) {
        if (write.value().length == 0) {
            model.remove(write.key());
        } else {
            model.put(write.key(), write.value());
        }
    }

    private static void assertSame(
            List<Kv.Entry> found, SortedMap<byte[], byte[]> model, byte[] from, byte @Nullable [] to, int limit) {
        var expected = model.tailMap(from).entrySet().stream()
                .filter(entry -> to == null || Arrays.compareUnsigned(entry.getKey(), to) < 0)
                .limit(limit)
                .map(entry -> Arrays.toString(entry.getKey()) + Arrays.toString(entry.getValue()))
                .toList();
        assertThat(found.stream()
                        .map(entry -> Arrays.toString(entry.key()) + Arrays.toString(entry.value()))
                        .toList())
                .isEqualTo(expected);
    }
}
