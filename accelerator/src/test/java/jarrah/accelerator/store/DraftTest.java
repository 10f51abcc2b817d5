package jarrah.accelerator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.accelerator.CollectedBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A body that is read while it arrives. */
final class DraftTest {
    @TempDir
    Path directory;

    private TieredCacheStore store;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @BeforeEach
    void open() throws IOException {
        store = TieredCacheStore.open(4 << 20, 16 << 20, directory, key -> true);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        store.close();
    }

    private Future<byte[]> read(Draft draft, CollectedBody client) {
        Draft.Reader reader = Objects.requireNonNull(draft.reader());
        return threads.submit(() -> {
            try (reader) {
                reader.copyTo(client, 0, -1);
                return client.bytes();
            }
        });
    }

    private static void append(Draft draft, byte[] body, int from, int to) throws IOException {
        draft.append(ByteBuffer.wrap(body, from, to - from));
    }

    @Test
    void everyReaderGetsTheFirstBytesBeforeTheLast() throws Exception {
        for (int length : new int[] {3_000, 3_000_000}) {
            byte[] body = StoredEntries.body(1, length);
            Draft draft = store.draft(-1);
            List<CollectedBody> clients = new ArrayList<>();
            List<Future<byte[]>> whole = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(new CollectedBody());
                whole.add(read(draft, clients.getLast()));
            }
            append(draft, body, 0, 1_000);
            for (CollectedBody client : clients) {
                client.await(1_000);
            }
            append(draft, body, 1_000, length);
            Content content = draft.finish();
            assertThat(content).isNotNull();
            for (Future<byte[]> each : whole) {
                assertThat(each.get()).isEqualTo(body);
            }
            store.discard(content);
        }
        assertThat(store.usage()).isEqualTo(new CacheStore.Usage(0, 0, 0, 0));
    }

    @Test
    void aReaderThatStandsStillDoesNotSlowTheAppender() throws Exception {
        byte[] body = StoredEntries.body(2, 1_000_000);
        Draft draft = store.draft(body.length);
        try (var idle = Objects.requireNonNull(draft.reader())) {
            append(draft, body, 0, body.length);
            Content content = draft.finish();
            assertThat(content).isNotNull();
            store.discard(content);
            CollectedBody late = new CollectedBody();
            idle.copyTo(late, 0, -1);
            assertThat(late.bytes()).as("the file is gone, its reader is not").isEqualTo(body);
        }
    }

    @Test
    void aPartIsReadAsSoonAsItIsThere() throws Exception {
        byte[] body = StoredEntries.body(3, 10_000);
        Draft draft = store.draft(body.length);
        try (var reader = Objects.requireNonNull(draft.reader())) {
            append(draft, body, 0, 6_000);
            CollectedBody client = new CollectedBody();
            reader.copyTo(client, 2_000, 3_000);
            assertThat(client.bytes()).isEqualTo(Arrays.copyOfRange(body, 2_000, 5_000));
        }
        draft.fail(new IOException("over"));
    }

    @Test
    void whatIsNotKeptGoesThroughAtThePaceOfItsReaders() throws Exception {
        byte[] body = StoredEntries.body(4, 3_000_000);
        Draft draft = store.passing(-1);
        assertThat(draft.kept()).isFalse();
        CollectedBody client = new CollectedBody();
        Future<byte[]> whole = read(draft, client);
        append(draft, body, 0, body.length);
        assertThat(draft.finish()).isNull();
        assertThat(whole.get()).isEqualTo(body);
        assertThat(draft.reader()).as("too late to begin").isNull();
    }

    @Test
    void whatNobodyReadsAndNothingKeepsEndsAtOnce() {
        Draft draft = store.passing(-1);
        assertThatThrownBy(() -> append(draft, new byte[10], 0, 10)).hasMessageContaining("nobody reads");
    }

    @Test
    void aBodyThatOutgrowsTheStoreStillReachesItsReaders() throws Exception {
        byte[] body = StoredEntries.body(5, 9_000_000);
        Draft draft = store.draft(-1);
        CollectedBody one = new CollectedBody();
        CollectedBody two = new CollectedBody();
        Future<byte[]> first = read(draft, one);
        Future<byte[]> second = read(draft, two);
        for (int at = 0; at < body.length; at += 100_000) {
            append(draft, body, at, at + 100_000);
        }
        assertThat(draft.finish()).as("longer than a quarter of the files").isNull();
        assertThat(first.get()).isEqualTo(body);
        assertThat(second.get()).isEqualTo(body);
        awaitUsage(new CacheStore.Usage(0, 0, 0, 0));
    }

    private void awaitUsage(CacheStore.Usage expected) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!store.usage().equals(expected)) {
            assertThat(System.nanoTime()).as("%s", store.usage()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void aBodyThatBreaksOffIsAnErrorToItsReaders() throws Exception {
        byte[] body = StoredEntries.body(6, 500_000);
        for (long declared : new long[] {-1, body.length, 2_000_000}) {
            Draft draft = store.draft(declared);
            CollectedBody client = new CollectedBody();
            Future<byte[]> whole = read(draft, client);
            append(draft, body, 0, body.length);
            client.await(body.length);
            if (declared == 2_000_000) {
                assertThatThrownBy(draft::finish).hasMessageContaining("500000 of 2000000");
            } else {
                draft.fail(new IOException("origin left"));
            }
            assertThatThrownBy(whole::get).hasMessageContaining("broke off");
        }
        awaitUsage(new CacheStore.Usage(0, 0, 0, 0));
    }
}
