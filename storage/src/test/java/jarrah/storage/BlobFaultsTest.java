package jarrah.storage;

import static jarrah.storage.BlobsContract.random;
import static jarrah.storage.BlobsContract.read;
import static jarrah.storage.BlobsContract.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Crashes at every change, flipped bits, failed syncs, a full disk. */
final class BlobFaultsTest {
    private static final Path ROOT = Path.of("/blobs");

    private final FaultyDisk disk = new FaultyDisk();

    private FileBlobs open(VerifyMode mode) throws Exception {
        return new FileBlobs(disk, ROOT, mode, 0);
    }

    private Path file(String id) {
        return ROOT.resolve(id.substring(0, 2)).resolve(id);
    }

    /** Writes some blobs and deletes one; what was acknowledged before a crash is in the maps. */
    private static void work(Blobs blobs, Map<String, byte[]> acknowledged, List<String> deleted) {
        for (int i = 0; i < 4; i++) {
            byte[] bytes = random(40_000 * i + 10, i);
            acknowledged.put(write(blobs, bytes), bytes);
        }
        String gone = acknowledged.keySet().iterator().next();
        acknowledged.remove(gone); // in doubt from here on
        blobs.delete(List.of(gone));
        deleted.add(gone);
        byte[] bytes = random(70_000, 9);
        acknowledged.put(write(blobs, bytes), bytes);
    }

    @Test
    void aCrashAtAnyChangeLosesNothingAcknowledgedAndLeavesNothingHalf() throws Exception {
        long changes;
        try (Blobs blobs = open(VerifyMode.ALWAYS)) {
            long before = disk.changes();
            work(blobs, new HashMap<>(), new ArrayList<>());
            changes = disk.changes() - before;
        }
        assertThat(changes).isGreaterThan(25);
        for (int change = 1; change <= changes + 1; change++) {
            for (int seed = 0; seed < 8; seed++) {
                crashAt(change, seed == 0 ? null : new Random(seed));
            }
        }
    }

    private static void crashAt(int change, @Nullable Random chance) throws Exception {
        var disk = new FaultyDisk();
        var acknowledged = new HashMap<String, byte[]>();
        var deleted = new ArrayList<String>();
        try (Blobs blobs = new FileBlobs(disk, ROOT, VerifyMode.ALWAYS, 0)) {
            disk.crashAt(disk.changes() + change);
            work(blobs, acknowledged, deleted);
        } catch (FaultyDisk.Crash _) {
            assertThat(disk.crashed()).isTrue();
        }
        disk.restart(chance);
        try (Blobs blobs = new FileBlobs(disk, ROOT, VerifyMode.ALWAYS, 0)) {
            acknowledged.forEach((id, bytes) -> assertThat(read(blobs, id)).isEqualTo(bytes));
            deleted.forEach(id -> assertThatThrownBy(() -> blobs.open(id)).isInstanceOf(BlobException.Missing.class));
            blobs.forEach(blobs::scrub); // acknowledged or not, what has a name is whole
            assertThat(disk.files()).noneMatch(path -> path.startsWith(ROOT.resolve("tmp")));
        }
    }

    @Test
    void alwaysFindsAFlippedBitAnyTime() throws Exception {
        try (Blobs blobs = open(VerifyMode.ALWAYS)) {
            String id = write(blobs, random(200_000, 1));
            read(blobs, id);
            disk.flip(file(id), 100_000 * 8 + 3);
            assertThatThrownBy(() -> read(blobs, id))
                    .isInstanceOf(BlobException.Corrupt.class)
                    .hasMessageContaining(id)
                    .hasMessageContaining("65,536");
        }
    }

    @Test
    void firstReadFindsAFlippedBitThatWasThereBeforeAndIsDoneWithARangeThen() throws Exception {
        try (Blobs blobs = open(VerifyMode.FIRST_READ)) {
            String id = write(blobs, random(200_000, 1));
            try (BlobReader reader = blobs.open(id)) {
                reader.verify(0, 10);
                disk.flip(file(id), 20 * 8);
                reader.verify(0, 10); // as documented: seen once, and the file looks the same
                disk.flip(file(id), 190_000 * 8);
                assertThatThrownBy(() -> reader.verify(0, 200_000)).isInstanceOf(BlobException.Corrupt.class);
            }
            disk.touch(file(id));
            try (BlobReader reader = blobs.open(id)) {
                assertThatThrownBy(() -> reader.verify(0, 10)).isInstanceOf(BlobException.Corrupt.class);
            }
        }
    }

    @Test
    void firstReadStartsAnewWithTheProcess() throws Exception {
        String id;
        try (Blobs blobs = open(VerifyMode.FIRST_READ)) {
            id = write(blobs, random(200_000, 1));
            read(blobs, id);
        }
        disk.flip(file(id), 7);
        try (Blobs blobs = open(VerifyMode.FIRST_READ)) {
            assertThatThrownBy(() -> read(blobs, id)).isInstanceOf(BlobException.Corrupt.class);
        }
    }

    @Test
    void scrubModeLeavesFindingToTheScrubber() throws Exception {
        try (Blobs blobs = open(VerifyMode.SCRUB)) {
            String id = write(blobs, random(200_000, 1));
            disk.flip(file(id), 7);
            read(blobs, id);
            assertThatThrownBy(() -> blobs.scrub(id)).isInstanceOf(BlobException.Corrupt.class);
        }
    }

    @ParameterizedTest
    @EnumSource(VerifyMode.class)
    void theScrubberFindsABitFlippedAnywhereInTheFile(VerifyMode mode) throws Exception {
        try (Blobs blobs = open(mode)) {
            String id = write(blobs, random(70_000, 1));
            blobs.scrub(id);
            long bits = disk.size(file(id)) * 8;
            assertThat(bits).isEqualTo(BlobFormat.fileBytes(70_000) * 8);
            for (long bit = 0; bit < bits; bit += bit < 69_000 * 8 ? 40_009 : 1) {
                disk.flip(file(id), bit);
                assertThatThrownBy(() -> blobs.scrub(id)).isInstanceOf(BlobException.Corrupt.class);
                disk.flip(file(id), bit);
            }
            blobs.scrub(id);
        }
    }

    @Test
    void aFailedSyncEndsAllWritingAndReadingGoesOn() throws Exception {
        long syncs;
        try (Blobs blobs = open(VerifyMode.ALWAYS)) {
            long before = disk.syncs();
            write(blobs, random(10, 1));
            syncs = disk.syncs() - before;
        }
        for (long sync = 1; sync <= syncs; sync++) {
            var faulty = new FaultyDisk();
            try (Blobs blobs = new FileBlobs(faulty, ROOT, VerifyMode.ALWAYS, 0)) {
                byte[] bytes = random(70_000, 2);
                String id = write(blobs, bytes);
                faulty.failSyncAt(faulty.syncs() + sync);
                assertThatThrownBy(() -> write(blobs, bytes))
                        .isInstanceOf(BlobException.ReadOnly.class)
                        .hasMessageContaining("Input/output error");
                long tried = faulty.syncs();
                assertThatThrownBy(() -> write(blobs, bytes)).isInstanceOf(BlobException.ReadOnly.class);
                assertThatThrownBy(() -> blobs.delete(List.of(id))).isInstanceOf(BlobException.ReadOnly.class);
                assertThat(faulty.syncs())
                        .as("a failed sync is never tried again")
                        .isEqualTo(tried);
                assertThat(read(blobs, id)).isEqualTo(bytes);
            }
        }
    }

    @Test
    void aFullDiskRefusesWritesLeavesNothingBehindAndRecovers() throws Exception {
        try (Blobs blobs = open(VerifyMode.ALWAYS)) {
            String id = write(blobs, random(100_000, 1));
            int files = disk.files().size();
            disk.capacity(5_000_000);
            try (BlobWriter writer = blobs.create(Blobs.newId())) {
                assertThatThrownBy(() -> {
                            for (int i = 0; i < 100; i++) {
                                writer.write(ByteBuffer.wrap(random(100_000, i)));
                            }
                        })
                        .isInstanceOf(BlobException.DiskFull.class);
            }
            assertThat(disk.files()).hasSize(files);
            assertThat(read(blobs, id)).hasSize(100_000);
            disk.capacity(10_000_000);
            write(blobs, random(5_500_000, 2));
        }
    }

    @Test
    void theReserveIsLeftAlone() throws Exception {
        disk.capacity(1_000_000);
        try (Blobs blobs = new FileBlobs(disk, ROOT, VerifyMode.ALWAYS, 900_000)) {
            String id = write(blobs, random(150_000, 1));
            assertThatThrownBy(() -> write(blobs, random(10, 1)))
                    .isInstanceOf(BlobException.DiskFull.class)
                    .hasMessageContaining("reserve");
            blobs.delete(List.of(id));
            write(blobs, random(10, 1));
        }
    }
}
