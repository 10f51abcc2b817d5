package jarrah.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RocksKvTest extends KvContract {
    @TempDir
    Path own;

    @Override
    Kv make(Path directory) throws Exception {
        return RocksKv.open(directory, RocksKv.Options.defaults());
    }

    private static void put(Kv kv, String key, byte[] value) {
        kv.transact(tx -> {
            tx.put(bytes(key), value);
            return "";
        });
    }

    @Test
    void whatWasWrittenIsThereAfterClosingAndOpening() throws Exception {
        try (Kv kv = make(own)) {
            put(kv, "a", bytes("1"));
        }
        try (Kv kv = make(own)) {
            assertThat(kv.get(bytes("a"))).isEqualTo(bytes("1"));
        }
    }

    @Test
    void moreThanTheWriteBufferHoldsIsThereAfterClosingAndOpening() throws Exception {
        var value = new byte[60_000];
        var small = new RocksKv.Options(1 << 20, 1 << 20, 0, false);
        try (Kv kv = RocksKv.open(own, small)) {
            try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 100; i++) {
                    String key = "k" + i;
                    pool.submit(() -> put(kv, key, value));
                }
            }
        }
        try (RocksKv kv = RocksKv.open(own, small)) {
            assertThat(kv.scan(bytes("k"), null, 1_000)).hasSize(100);
            kv.verify();
        }
    }

    @Test
    void withoutWaitingOnlyWhatIsInMemoryIsRead() throws Exception {
        try (Kv kv = make(own)) {
            for (int i = 0; i < 500; i++) { // more than one block of a table
                put(kv, "k" + i, new byte[1_000]);
            }
            put(kv, "a", bytes("1"));
            assertThat(NoWaiting.call(() -> kv.get(bytes("a")))).isEqualTo(bytes("1"));
            assertThatThrownBy(() -> NoWaiting.call(() -> kv.scan(bytes("a"), null, 1)))
                    .isInstanceOf(NoWaiting.Refused.class);
            assertThatThrownBy(() -> NoWaiting.call(() -> {
                        put(kv, "b", bytes("2"));
                        return "";
                    }))
                    .isInstanceOf(NoWaiting.Refused.class);
            assertThat(kv.get(bytes("b"))).isNull();
        }
        try (Kv kv = make(own)) {
            assertThatThrownBy(() -> NoWaiting.call(() -> kv.get(bytes("k250"))))
                    .isInstanceOf(NoWaiting.Refused.class);
            assertThat(kv.get(bytes("k250"))).hasSize(1_000);
            assertThat(NoWaiting.call(() -> kv.get(bytes("k250")))).hasSize(1_000);
            assertThat(NoWaiting.call(() -> "" + (kv.get(bytes("k250x")) == null)))
                    .isEqualTo("true");
        }
    }

    @Test
    void asecondProcessIsRefused() throws Exception {
        try (Kv kv = make(own)) {
            put(kv, "a", bytes("1"));
            assertThatThrownBy(() -> make(own)).hasMessageContaining("lock");
        }
    }

    @Test
    void aClosedMapRefusesInsteadOfCrashing() throws Exception {
        Kv kv = make(own);
        kv.close();
        kv.close();
        assertThatThrownBy(() -> kv.get(bytes("a"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kv.scan(bytes("a"), null, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> put(kv, "a", bytes("1"))).isInstanceOf(IllegalStateException.class);
    }
}
