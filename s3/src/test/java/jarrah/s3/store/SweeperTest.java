package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.BUCKET;
import static jarrah.s3.store.StoreFixture.LARGE;
import static jarrah.s3.store.StoreFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jarrah.storage.FaultyDisk;
import jarrah.storage.Kv;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Uploads beside the sweeper, this process's own and another's. */
@Timeout(60)
final class SweeperTest {
    private static final Duration LEASE_OVER = BlobLeases.DURATION.plusSeconds(1);

    private final StoreFixture fixture = new StoreFixture();

    /** A body that stops in the middle until it is let go. */
    private static final class SlowBody implements ReadableByteChannel {
        final CountDownLatch halfway = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        private final ByteBuffer bytes;

        SlowBody(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes);
        }

        @Override
        public int read(ByteBuffer into) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            if (bytes.position() >= bytes.capacity() / 2 && halfway.getCount() > 0) {
                halfway.countDown();
                try {
                    assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            }
            int count = Math.min(into.remaining(), Math.min(bytes.remaining(), 50_000));
            into.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private StoredObject putSlowly(S3Store store, SlowBody body, int length, Runnable meanwhile) throws Exception {
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<StoredObject> put =
                    pool.submit(() -> store.objects().put(StoreFixture.object("slow", length), body));
            assertThat(body.halfway.await(30, TimeUnit.SECONDS)).isTrue();
            meanwhile.run();
            body.goOn.countDown();
            return put.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aSlowUploadIsKeptAliveByItsOwnProcesssSweeper() throws Exception {
        byte[] bytes = random(1_000_000, 1);
        putSlowly(fixture.store, new SlowBody(bytes), bytes.length, () -> {
            for (int i = 0; i < 10; i++) {
                fixture.clock.advance(BlobLeases.DURATION.dividedBy(2).plusSeconds(1));
                fixture.store.sweeper().sweepOnce();
            }
        });
        fixture.sweepAll();
        assertThat(fixture.get("slow")).isEqualTo(bytes);
    }

    // Another process's sweeper takes the lease: then the upload must not be acknowledged, and nothing stays.
    @Test
    void anUploadWhoseLeaseWasClaimedIsNotAcknowledged() throws Exception {
        var other = fixture.open(fixture.kv);
        byte[] bytes = random(1_000_000, 1);
        assertThatThrownBy(() -> putSlowly(fixture.store, new SlowBody(bytes), bytes.length, () -> {
                    fixture.clock.advance(LEASE_OVER);
                    other.sweeper().sweepOnce();
                }))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(S3Exception.Unavailable.class);
        assertThat(fixture.find("slow")).isNull();
        assertThat(fixture.disk.files()).isEmpty();
        fixture.put("slow", bytes); // under a new lease
        assertThat(fixture.get("slow")).isEqualTo(bytes);
    }

    /** Runs something just before the next transaction. */
    private static final class InterposedKv implements Kv {
        private final Kv kv;
        private @Nullable Runnable before;

        InterposedKv(Kv kv) {
            this.kv = kv;
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            return kv.get(key);
        }

        @Override
        public List<Entry> scan(byte[] from, byte @Nullable [] to, int limit) {
            return kv.scan(from, to, limit);
        }

        @Override
        public <T extends @Nullable Object> T transact(Function<Tx, T> body) {
            Runnable first = before;
            before = null;
            if (first != null) {
                first.run();
            }
            return kv.transact(body);
        }

        @Override
        public void close() {}
    }

    // The file has its name and only the record is missing: the claim still comes first.
    @Test
    void aLeaseThatIsClaimedBetweenFileAndRecordStopsTheRecord() {
        var kv = new InterposedKv(fixture.kv);
        var late = fixture.open(kv);
        var other = fixture.open(fixture.kv);
        var body = StoreFixture.channel(random(LARGE, 1));
        var first = StoreFixture.channel(random(LARGE, 2));
        assertThatNoException().isThrownBy(() -> late.objects().put(StoreFixture.object("first", LARGE), first));
        kv.before = () -> {
            assertThat(fixture.disk.files()).hasSize(2);
            fixture.clock.advance(LEASE_OVER);
            other.sweeper().sweepOnce();
        };
        assertThatThrownBy(() -> late.objects().put(StoreFixture.object("slow", LARGE), body))
                .isInstanceOf(S3Exception.Unavailable.class);
        assertThat(fixture.find("slow")).isNull();
        assertThat(fixture.disk.files()).hasSize(1);
        assertThat(fixture.get("first")).isEqualTo(random(LARGE, 2));
    }

    @Test
    void anotherProcessLeavesAnUploadAloneThatMoves() throws Exception {
        var other = fixture.open(fixture.kv);
        byte[] bytes = random(1_000_000, 1);
        putSlowly(fixture.store, new SlowBody(bytes), bytes.length, () -> {
            fixture.clock.advance(BlobLeases.DURATION.minusSeconds(1));
            other.sweeper().sweepOnce();
        });
        other.sweeper().sweepOnce();
        assertThat(fixture.get("slow")).isEqualTo(bytes);
    }

    @Test
    void blobsThatWereReferredToOutliveTheirLease() {
        for (int i = 0; i < 300; i++) {
            fixture.put("key" + i, random(Limits.SMALL_BYTES + 1, i));
        }
        fixture.sweepAll();
        for (int i = 0; i < 300; i++) {
            assertThat(fixture.get("key" + i)).isEqualTo(random(Limits.SMALL_BYTES + 1, i));
        }
        assertThat(fixture.kv.scan(Keys.all('l'), Keys.all('m'), 10))
                .as("leases")
                .isEmpty();
    }

    // The last change of a put is the sync of the directory: by then the file has its name, on this side of the crash
    // or
    // on the other, as the disk's chance has it.
    @Test
    void aFileThatACrashLeftBetweenItsNamingAndItsRecordIsRemoved() {
        int left = 0;
        for (int seed = 0; seed < 10; seed++) {
            var own = new StoreFixture();
            own.put("key", random(LARGE, 1));
            long before = own.disk.changes();
            own.put("key", random(LARGE, 2));
            long changes = own.disk.changes() - before;
            own.disk.crashAt(own.disk.changes() + changes);
            assertThatThrownBy(() -> own.put("key", random(LARGE, 3))).isInstanceOf(FaultyDisk.Crash.class);
            own.disk.restart(new Random(seed));
            var restarted = own.open(own.kv);
            assertThat(StoreFixture.get(restarted, "key")).isEqualTo(random(LARGE, 2));
            left += own.disk.files().size() - 2;
            own.clock.advance(LEASE_OVER);
            restarted.sweeper().sweepOnce();
            assertThat(own.disk.files()).hasSize(1);
            assertThat(StoreFixture.get(restarted, "key")).isEqualTo(random(LARGE, 2));
        }
        assertThat(left).as("files that the crashes left").isPositive();
    }

    @Test
    void replacedBytesAreGivenBackAfterTheGrace() {
        fixture.put("key", random(LARGE, 1));
        fixture.put("key", random(LARGE, 2));
        fixture.store.sweeper().sweepOnce();
        assertThat(fixture.disk.files()).hasSize(2);
        fixture.clock.advance(Garbage.GRACE.plusMillis(1));
        fixture.store.sweeper().sweepOnce();
        assertThat(fixture.disk.files()).hasSize(1);
        fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
        fixture.sweepAll();
        assertThat(fixture.disk.files()).isEmpty();
    }

    @Test
    void sweepingGoesOnWhereACrashInterruptedIt() {
        for (int i = 0; i < 20; i++) {
            fixture.put("key", random(LARGE, i));
        }
        Upload upload = fixture.begin("upload");
        for (int i = 1; i < 10; i++) {
            fixture.putPart(upload, i, random(LARGE, i));
        }
        fixture.store.multipart().abort(BUCKET, "upload", upload.uploadId());
        fixture.clock.advance(Duration.ofDays(1));
        S3Store store = fixture.store;
        for (int step = 1; fixture.store.sweeper().waiting() > 0 && step < 200; step++) {
            fixture.disk.crashAt(fixture.disk.changes() + step);
            try {
                store.sweeper().sweepOnce();
            } catch (FaultyDisk.Crash _) {
                fixture.disk.restart(null);
                store = fixture.open(fixture.kv);
            }
        }
        fixture.disk.crashAt(-1);
        store.sweeper().sweepOnce();
        assertThat(fixture.disk.files()).hasSize(1);
        assertThat(StoreFixture.get(store, "key")).isEqualTo(random(LARGE, 19));
        assertThat(fixture.kv.scan(Keys.all('g'), Keys.all('h'), 10)).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('p'), Keys.all('q'), 10)).isEmpty();
    }

    @Test
    void itsThreadEndsWhenItIsClosed() {
        fixture.store.sweeper().start();
        fixture.store.sweeper().start();
        fixture.store.close();
    }
}
