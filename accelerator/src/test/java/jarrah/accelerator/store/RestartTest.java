package jarrah.accelerator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.accelerator.CollectedBody;
import jarrah.accelerator.rules.Vary;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store finds of its former life, whether that ended tidily or not: each test leaves the first store open. */
final class RestartTest {
    @TempDir
    Path directory;

    private TieredCacheStore open() throws IOException {
        return TieredCacheStore.open(4 << 20, 64 << 20, directory, key -> true);
    }

    private List<Path> files(Predicate<Path> wanted) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).filter(wanted).toList();
        }
    }

    private Path only(String suffix) throws IOException {
        List<Path> found = files(path -> path.toString().endsWith(suffix));
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private static void flip(Path file, long at) throws IOException {
        try (var access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(at);
            int value = access.read();
            access.seek(at);
            access.write(value ^ 0x10);
        }
    }

    @Test
    void largeBodiesAreThereAgainByteForByte() throws Exception {
        byte[] body = StoredEntries.body(1, 700_001);
        var killed = open();
        StoredEntries.store(killed, "a", body);
        try (var store = open()) {
            List<Entry> found = store.find(StoredEntries.key("a"));
            assertThat(found).hasSize(1);
            Entry entry = found.getFirst();
            assertThat(entry.head().headers().first("x-ü")).isEqualTo("ü");
            assertThat(entry.head().vary()).isEqualTo(Vary.NONE);
            assertThat(entry.content().tryBody(0, 10)).as("not verified yet").isNull();
            assertThat(StoredEntries.read(store, entry)).isEqualTo(body);
            assertThat(entry.content().tryBody(0, 10)).as("verified").isNotNull();
            assertThat(store.usage().fileBytes()).isEqualTo(killed.usage().fileBytes());
        }
    }

    @Test
    void smallBodiesSurviveOnceTheyWereHit() throws Exception {
        byte[] body = StoredEntries.body(2, 1_000);
        try (var store = open()) {
            StoredEntries.store(store, "hit", body);
            StoredEntries.store(store, "never", body);
            store.touched(store.find(StoredEntries.key("hit")).getFirst());
        } // writes what waits
        try (var store = open()) {
            assertThat(store.find(StoredEntries.key("never"))).isEmpty();
            Entry entry = store.find(StoredEntries.key("hit")).getFirst();
            assertThat(StoredEntries.read(store, entry)).isEqualTo(body);
            assertThat(entry.content().memory()).as("lifted into memory").isNotNull();
        }
    }

    @Test
    void aFlippedBitIsNeverServed() throws Exception {
        byte[] body = StoredEntries.body(3, 700_000);
        StoredEntries.store(open(), "a", body);
        flip(only(".body"), 400_000);
        try (var store = open()) {
            Entry entry = store.find(StoredEntries.key("a")).getFirst();
            assertThatThrownBy(() -> StoredEntries.read(store, entry)).isInstanceOf(CorruptBodyException.class);
            assertThat(store.find(StoredEntries.key("a"))).isEmpty();
            assertThat(store.usage().fileBytes()).isZero();
            assertThat(files(path -> true)).isEmpty();
        }
    }

    @Test
    void aFlippedBitFarIntoALargeBodyEndsTheAnswerBeforeIt() throws Exception {
        byte[] body = StoredEntries.body(4, 10_000_000);
        StoredEntries.store(open(), "a", body);
        flip(only(".body"), 9_000_000);
        try (var store = open()) {
            Entry entry = store.find(StoredEntries.key("a")).getFirst();
            assertThat(store.prepare(entry, 0, body.length))
                    .as("too long to verify first")
                    .isFalse();
            var client = new CollectedBody();
            assertThatThrownBy(() -> entry.content().copyTo(client, 0, body.length))
                    .isInstanceOf(CorruptBodyException.class);
            assertThat(client.bytes().length).isLessThan(9_000_000);
            assertThat(client.bytes()).isEqualTo(java.util.Arrays.copyOf(body, client.bytes().length));
        }
    }

    @Test
    void whatWasCutIsAMiss() throws Exception {
        var killed = open();
        StoredEntries.store(killed, "cut-body", StoredEntries.body(5, 500_000));
        try (var access = new RandomAccessFile(only(".body").toFile(), "rw")) {
            access.setLength(499_999);
        }
        try (var store = open()) {
            assertThat(store.find(StoredEntries.key("cut-body"))).isEmpty();
            assertThat(files(path -> true)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aDamagedHeadIsAMissWhereverItIsDamaged(long seed) throws Exception {
        var random = new Random(seed);
        StoredEntries.store(open(), "a", StoredEntries.body(6, 400_000));
        Path head = only(".head");
        if (random.nextBoolean()) {
            flip(head, random.nextLong(Files.size(head)));
        } else {
            try (var access = new RandomAccessFile(head.toFile(), "rw")) {
                access.setLength(random.nextLong(Files.size(head)));
            }
        }
        try (var store = open()) {
            assertThat(store.find(StoredEntries.key("a"))).isEmpty();
            assertThat(files(path -> true)).isEmpty();
        }
    }

    @Test
    void whatWasNotFinishedIsSweptAway() throws Exception {
        var killed = open();
        Draft draft = killed.draft(-1);
        draft.append(java.nio.ByteBuffer.wrap(StoredEntries.body(7, 600_000)));
        Path leftover = only(".body").resolveSibling("0123456789abcdef.new");
        Files.writeString(leftover, "half a head");
        try (var store = open()) {
            assertThat(store.usage()).isEqualTo(new CacheStore.Usage(0, 0, 0, 0));
            assertThat(files(path -> true)).isEmpty();
        }
    }

    @Test
    void entriesOfSitesThatAreGoneAreRemoved() throws Exception {
        StoredEntries.store(open(), "a", StoredEntries.body(8, 500_000));
        try (var store = TieredCacheStore.open(4 << 20, 64 << 20, directory, key -> false)) {
            assertThat(store.usage().entries()).isZero();
            assertThat(files(path -> true)).isEmpty();
        }
    }

    @Test
    void aSmallerLimitIsKeptFromTheStart() throws Exception {
        var killed = open();
        for (int i = 0; i < 20; i++) {
            StoredEntries.store(killed, "k" + i, StoredEntries.body(i, 500_000));
        }
        try (var store = TieredCacheStore.open(4 << 20, 4 << 20, directory, key -> true)) {
            assertThat(store.usage().entries()).isBetween(6L, 8L);
            long onDisk = 0;
            for (Path file : files(path -> true)) {
                onDisk += Files.size(file);
            }
            assertThat(onDisk).isLessThanOrEqualTo(4 << 20);
        }
    }
}
