package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.storage.FileBlobs;
import jarrah.storage.FileDisk;
import jarrah.storage.KvException;
import jarrah.storage.RocksKv;
import jarrah.storage.VerifyMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on the real Kv and the real disk: copies of the directory, as a kill would leave it, hold everything. */
final class StoreOnDiskTest {
    @TempDir
    Path directory;

    /** A store with what is under it. */
    private record Opened(RocksKv kv, FileBlobs blobs, S3Store store) implements AutoCloseable {
        static Opened at(Path path) throws IOException {
            var kv = RocksKv.open(path.resolve("kv"), RocksKv.Options.defaults());
            var blobs = new FileBlobs(new FileDisk(), path.resolve("blobs"), VerifyMode.ALWAYS, 0);
            return new Opened(kv, blobs, new S3Store(kv, blobs, Clock.systemUTC()));
        }

        @Override
        public void close() {
            store.close();
            blobs.close();
            kv.close();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                if (!path.endsWith("LOCK")) {
                    Files.copy(path, to.resolve(from.relativize(path).toString()));
                }
            }
        }
    }

    @Test
    void aCopyTakenAtAnyMomentBetweenOperationsHoldsAllOfThem() throws Exception {
        var random = new Random(11);
        var model = new TreeMap<String, byte[]>();
        Path original = directory.resolve("original");
        try (Opened opened = Opened.at(original)) {
            opened.store.buckets().create(StoreFixture.bucket(BUCKET));
            for (int i = 0; i < 60; i++) {
                change(opened.store, model, random);
                if (i % 10 == 9) {
                    Path killed = directory.resolve("killed" + i);
                    copy(original, killed);
                    try (Opened again = Opened.at(killed)) {
                        requireModel(again.store, model);
                        change(again.store, new TreeMap<>(model), random);
                    }
                }
            }
        }
        try (Opened again = Opened.at(original)) {
            requireModel(again.store, model);
        }
    }

    private static void change(S3Store store, Map<String, byte[]> model, Random random) throws IOException {
        String key = "key" + random.nextInt(12);
        byte[] bytes = StoreFixture.random(1 + random.nextInt(60_000), random.nextLong());
        switch (random.nextInt(4)) {
            case 0 -> {
                store.objects().delete(BUCKET, key, WriteCondition.NONE);
                model.remove(key);
            }
            case 1 -> {
                Upload upload = store.multipart()
                        .create(new NewUpload(
                                BUCKET,
                                key,
                                Metadata.NONE,
                                StoreFixture.ACL,
                                StoreFixture.OWNER,
                                Optional.empty(),
                                Optional.empty()));
                Part part = store.multipart()
                        .putPart(
                                BUCKET,
                                key,
                                upload.uploadId(),
                                7,
                                bytes.length,
                                BodyDigests.NONE,
                                StoreFixture.channel(bytes));
                store.multipart().complete(StoreFixture.completion(upload, List.of(part)));
                model.put(key, bytes);
            }
            default -> {
                store.objects().put(StoreFixture.object(key, bytes.length), StoreFixture.channel(bytes));
                model.put(key, bytes);
            }
        }
    }

    private static void requireModel(S3Store store, Map<String, byte[]> model) {
        assertThat(store.objects().list(new Listing.Query(BUCKET, "", "", "", 100)).objects().stream()
                        .map(StoredObject::key))
                .containsExactlyElementsOf(model.keySet());
        model.forEach((key, bytes) -> assertThat(StoreFixture.get(store, key)).isEqualTo(bytes));
    }

    @Test
    void aFlippedBitInTheRecordsIsFoundAndNeverServed() throws Exception {
        Path original = directory.resolve("original");
        try (Opened opened = Opened.at(original)) {
            opened.store.buckets().create(StoreFixture.bucket(BUCKET));
            for (int i = 0; i < 20; i++) {
                byte[] bytes = StoreFixture.random(500, i);
                opened.store.objects().put(StoreFixture.object("key" + i, 500), StoreFixture.channel(bytes));
            }
            copy(original, directory.resolve("killed"));
        }
        Path log;
        try (var logs = Files.newDirectoryStream(directory.resolve("killed/kv"), "*.log")) {
            log = logs.iterator().next();
        }
        byte[] whole = Files.readAllBytes(log);
        var random = new Random(12);
        for (int i = 0; i < 20; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(log, damaged);
            assertThatThrownBy(() -> Opened.at(directory.resolve("killed"))).isInstanceOf(KvException.Corrupt.class);
        }
        Files.write(log, whole);
        try (Opened again = Opened.at(directory.resolve("killed"))) {
            for (int i = 0; i < 20; i++) {
                assertThat(StoreFixture.get(again.store, "key" + i)).isEqualTo(StoreFixture.random(500, i));
            }
        }
    }
}
