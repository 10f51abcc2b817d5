package jarrah.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The log of a map that was not closed: cut at every offset, with flipped bits, with the tails that a crash may leave.
 * Copies of the directory are opened; what was acknowledged is there, or the map stays closed and says why.
 */
final class LogDamageTest {
    /** Acknowledged transactions; each overwrites `k` and appends a key, so that a lost one shows. */
    private static final int ACKNOWLEDGED = 12;

    @TempDir
    Path directory;

    private final List<Long> lengths = new ArrayList<>();
    private Path copy;
    private Path log;

    @BeforeEach
    void writeAndTakeTheDirectoryAsAKillWouldLeaveIt() throws Exception {
        Path original = directory.resolve("original");
        copy = directory.resolve("copy");
        var random = new Random(1);
        try (Kv kv = RocksKv.open(original, RocksKv.Options.defaults())) {
            for (int i = 0; i < ACKNOWLEDGED; i++) {
                put(kv, i, random.nextInt(400));
                lengths.add(Files.size(onlyLog(original)));
            }
            copyAll(original, copy);
        }
        log = onlyLog(copy);
        assertThat(Files.size(log)).isEqualTo(lengths.getLast());
    }

    private static void put(Kv kv, int number, int padding) {
        kv.transact(tx -> {
            tx.put(bytes("k"), bytes("v" + number));
            tx.put(bytes("n%03d".formatted(number)), bytes("x".repeat(padding + 1)));
            return "";
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static Path onlyLog(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory, "*.log")) {
            Path found = null;
            for (Path file : files) {
                if (Files.size(file) > 0) {
                    assertThat(found).isNull();
                    found = file;
                }
            }
            assertThat(found).isNotNull();
            return found;
        }
    }

    private static void copyAll(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.newDirectoryStream(from)) {
            for (Path file : files) {
                if (!file.endsWith("LOCK")) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
    }

    private Path again(int number) throws IOException {
        Path again = directory.resolve("again" + number);
        copyAll(copy, again);
        return again;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static Kv open(Path directory) throws IOException {
        return RocksKv.open(directory, RocksKv.Options.defaults());
    }

    /** All acknowledged transactions are there, and at most one more. */
    private static void requireAll(Kv kv) {
        assertThat(kv.scan(bytes("n"), null, 100)).hasSizeBetween(ACKNOWLEDGED, ACKNOWLEDGED + 1);
        assertThat(kv.get(bytes("n%03d".formatted(ACKNOWLEDGED - 1)))).isNotNull();
    }

    /** The map stays closed, or what it holds is whole; returns whether it stayed closed. */
    private static boolean refusesOrIsWhole(Path directory) throws IOException {
        try (Kv kv = open(directory)) {
            requireAll(kv);
            return false;
        } catch (KvException.Corrupt refused) {
            assertThat(refused).hasMessageContaining(directory.toString()).hasMessageContaining("storage.accept-loss");
            return true;
        }
    }

    @Test
    void theLogAsAKillLeavesItHoldsAll() throws Exception {
        try (Kv kv = open(copy)) {
            requireAll(kv);
            put(kv, ACKNOWLEDGED, 10);
        }
        try (Kv kv = open(copy)) {
            assertThat(kv.scan(bytes("n"), null, 100)).hasSize(ACKNOWLEDGED + 1);
        }
    }

    @Test
    void aKillRightAfterAStartIsAStartAgain() throws Exception {
        Path killed = directory.resolve("killed");
        try (Kv kv = open(copy)) {
            requireAll(kv);
            copyAll(copy, killed);
        }
        try (Kv kv = open(killed)) {
            requireAll(kv);
        }
    }

    @Test
    void aLogThatIsCutAnywhereWithinWhatWasAcknowledgedIsRefused() throws Exception {
        int step = Math.max(1, (int) (lengths.getLast() / 50));
        for (int length = 0; length < lengths.getLast(); length += step) {
            Path again = again(length);
            try (var file =
                    new RandomAccessFile(again.resolve(log.getFileName()).toFile(), "rw")) {
                file.setLength(length);
            }
            assertThat(refusesOrIsWhole(again)).as("cut at %d", length).isTrue();
            delete(again);
        }
    }

    // What follows the last sync was never acknowledged: a part of a record, zeros of a block that was not written,
    // junk.
    @Test
    void aTornTailBehindTheLastSyncIsAccepted() throws Exception {
        byte[] next;
        Path original = directory.resolve("next");
        try (Kv kv = open(original)) {
            for (int i = 0; i < ACKNOWLEDGED; i++) {
                put(kv, i, i);
            }
            long before = Files.size(onlyLog(original));
            copyAll(original, directory.resolve("next-before"));
            put(kv, ACKNOWLEDGED, 300);
            byte[] all = Files.readAllBytes(onlyLog(original));
            next = java.util.Arrays.copyOfRange(all, (int) before, all.length);
        }
        for (int length = 0; length <= next.length; length += 11) {
            for (int zeros : new int[] {0, 100, 5_000}) {
                Path again = directory.resolve("torn-%d-%d".formatted(length, zeros));
                copyAll(directory.resolve("next-before"), again);
                try (var file = new RandomAccessFile(onlyLog(again).toFile(), "rw")) {
                    file.seek(file.length());
                    file.write(next, 0, length);
                    file.write(new byte[zeros]);
                }
                try (Kv kv = open(again)) {
                    requireAll(kv);
                    put(kv, 50, 1);
                }
                try (Kv kv = open(again)) {
                    assertThat(kv.get(bytes("n050"))).isNotNull();
                }
                delete(again);
            }
        }
    }

    @Test
    void aFlippedBitInTheLogIsRefused() throws Exception {
        flipBits(40, 3);
    }

    @Tag("long")
    @Test
    void manyFlippedBitsInTheLogAreRefused() throws Exception {
        flipBits(1_500, 4);
    }

    private void flipBits(int most, long seed) throws Exception {
        var random = new Random(seed);
        int bits = (int) (lengths.getLast() * 8);
        int count = Math.min(most, bits);
        for (int i = 0; i < count; i++) {
            int bit = count == bits ? i : random.nextInt(bits);
            Path again = again(bit);
            flip(again.resolve(log.getFileName()), bit);
            assertThat(refusesOrIsWhole(again)).as("bit %d", bit).isTrue();
            delete(again);
        }
    }

    // Without the mark RocksDB's checksums must find the damage by themselves, in all but the last records.
    @Test
    void withoutTheMarkDamageInMidLogIsStillRefused() throws Exception {
        var random = new Random(5);
        int bits = (int) (lengths.get(ACKNOWLEDGED - 3) * 8);
        for (int i = 0; i < 40; i++) {
            Path again = again(i);
            Files.delete(again.resolve(SyncedMark.NAME));
            int bit = random.nextInt(bits);
            // A damaged length may reach beyond the end, like a torn record: that is what the mark is for.
            flip(again.resolve(log.getFileName()), bit);
            boolean refused;
            try (Kv kv = open(again)) {
                refused = false;
                var found = kv.scan(bytes("n"), null, 100);
                assertThat(found.size()).as("bit %d", bit).isLessThanOrEqualTo(ACKNOWLEDGED);
            } catch (KvException.Corrupt _) {
                refused = true;
            }
            if (!refused) {
                unguarded++;
            }
            delete(again);
        }
        assertThat(unguarded).as("only flipped lengths pass for torn records").isLessThan(5);
    }

    private int unguarded;

    @Test
    void aRefusalChangesNothingAndTheWayOutKeepsWhatIsBeforeTheDamage() throws Exception {
        long middle = lengths.get(5) + 20;
        flip(log, middle * 8);
        byte[] damaged = Files.readAllBytes(log);
        assertThatThrownBy(() -> open(copy)).isInstanceOf(KvException.Corrupt.class);
        assertThat(Files.readAllBytes(log)).isEqualTo(damaged);
        try (Kv kv = RocksKv.open(copy, RocksKv.Options.defaults().withAcceptLoss(true))) {
            assertThat(kv.scan(bytes("n"), null, 100)).hasSize(6);
            put(kv, 60, 1);
        }
        try (Kv kv = open(copy)) {
            assertThat(kv.scan(bytes("n"), null, 100)).hasSize(7);
        }
    }

    @Test
    void aLogThatIsGoneIsRefused() throws Exception {
        Files.delete(log);
        assertThatThrownBy(() -> open(copy)).isInstanceOf(KvException.Corrupt.class);
    }

    @Test
    void aDamagedMarkClaimsNothing() throws Exception {
        flip(copy.resolve(SyncedMark.NAME), 17);
        try (Kv kv = open(copy)) {
            requireAll(kv);
        }
    }

    @Test
    void aFlippedBitInATableIsFoundOnReading() throws Exception {
        try (Kv kv = open(copy)) {
            requireAll(kv); // closing writes the log into a table
        }
        Path table;
        try (var files = Files.newDirectoryStream(copy, "*.sst")) {
            table = files.iterator().next();
        }
        flip(table, 20 * 8);
        assertThatThrownBy(() -> {
                    try (RocksKv kv = RocksKv.open(copy, RocksKv.Options.defaults())) {
                        kv.scan(bytes("k"), null, 100);
                    }
                })
                .isInstanceOf(KvException.Corrupt.class)
                .hasMessageContaining(copy.toString());
    }

    @Test
    void aTableThatIsGoneIsRefused() throws Exception {
        open(copy).close();
        try (var files = Files.newDirectoryStream(copy, "*.sst")) {
            Files.delete(files.iterator().next());
        }
        assertThatThrownBy(() -> open(copy))
                .isInstanceOf(KvException.Corrupt.class)
                .hasMessageContaining(".sst");
    }

    private static void flip(Path file, long bit) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
        Files.write(file, bytes);
    }
}
