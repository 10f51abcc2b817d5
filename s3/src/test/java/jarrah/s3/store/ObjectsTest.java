package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.ACL;
import static jarrah.s3.store.StoreFixture.BUCKET;
import static jarrah.s3.store.StoreFixture.LARGE;
import static jarrah.s3.store.StoreFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ObjectsTest {
    private final StoreFixture fixture = new StoreFixture();
    private final Objects objects = fixture.store.objects();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_383, 16_384, 16_385, 65_536, 131_072, 131_073, 500_000})
    void anObjectIsReadAsItWasPutWhateverItsSize(int size) throws Exception {
        byte[] bytes = random(size, size);
        StoredObject put = fixture.put("key", bytes);
        assertThat(put.size()).isEqualTo(size);
        assertThat(put.etag())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("MD5").digest(bytes)));
        assertThat(objects.head(BUCKET, "key")).isEqualTo(put);
        assertThat(fixture.get("key")).isEqualTo(bytes);
        assertThat(fixture.disk.files()).hasSize(size > Limits.SMALL_BYTES ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 16_384, 400_000})
    void aBodyOfUnknownLengthIsReadToItsEnd(int size) throws Exception {
        byte[] bytes = random(size, 1);
        objects.put(StoreFixture.object("key", -1), StoreFixture.channel(bytes));
        assertThat(fixture.get("key")).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 500_000})
    void rangesAreReadFromAnywhere(int size) {
        byte[] bytes = random(size, 2);
        fixture.put("key", bytes);
        try (ObjectReader reader = objects.open(BUCKET, "key")) {
            for (int[] range : new int[][] {{0, size}, {size - 1, 1}, {3, 5}, {size, 0}, {size / 2, size / 3}}) {
                assertThat(StoreFixture.range(reader, range[0], range[1]))
                        .isEqualTo(Arrays.copyOfRange(bytes, range[0], range[0] + range[1]));
            }
            assertThatThrownBy(() -> StoreFixture.range(reader, 1, size)).isInstanceOf(IllegalArgumentException.class);
            assertThat(reader.part(1)).isEqualTo(new ObjectReader.Range(0, size));
            assertThatThrownBy(() -> reader.part(2)).isInstanceOf(S3Exception.InvalidPartNumber.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a//b", "../../etc/passwd", ".", "..", "%2F", "/", "\u0000\u0001", "ключ", "a b+c", "🪵"})
    void anyUtf8IsAKey(String key) {
        fixture.put(key, new byte[] {7});
        assertThat(fixture.get(key)).containsExactly(7);
        assertThat(objects.head(BUCKET, key).key()).isEqualTo(key);
    }

    @Test
    void aKeyHas1024BytesAtMost() {
        fixture.put("k".repeat(1_024), new byte[] {1});
        fixture.put("\u0000".repeat(1_024), new byte[] {1});
        fixture.begin("\u0000".repeat(1_024));
        assertThatThrownBy(() -> fixture.put("é".repeat(512) + "x", new byte[] {1}))
                .isInstanceOf(S3Exception.KeyTooLong.class);
        assertThatThrownBy(() -> fixture.put("", new byte[] {1})).isInstanceOf(S3Exception.InvalidRequest.class);
    }

    @Test
    void whatIsNotThereIsSaidToBeMissing() {
        assertThatThrownBy(() -> objects.head(BUCKET, "nothing")).isInstanceOf(S3Exception.NoSuchKey.class);
        assertThatThrownBy(() -> objects.open(BUCKET, "nothing")).isInstanceOf(S3Exception.NoSuchKey.class);
        assertThatThrownBy(() -> objects.head("nowhere", "key")).isInstanceOf(S3Exception.NoSuchBucket.class);
        assertThat(objects.delete(BUCKET, "nothing", WriteCondition.NONE).happened())
                .isFalse();
    }

    @Test
    void metadataAndAclComeBackAsTheyWereGiven() {
        var metadata = new Metadata(
                Map.of("content-type", "text/plain", "cache-control", "no-cache"),
                Map.of("colour", "grün", "empty", ""),
                "STANDARD_IA");
        Acl acl = CannedAcl.PUBLIC_READ.expand(StoreFixture.OTHER_OWNER, StoreFixture.OWNER);
        fixture.put(
                new NewObject(BUCKET, "key", 1, metadata, acl, WriteCondition.NONE, BodyDigests.NONE), new byte[] {1});
        StoredObject object = objects.head(BUCKET, "key");
        assertThat(object.metadata()).isEqualTo(metadata);
        assertThat(object.acl()).isEqualTo(acl);
        assertThat(object.lastModified()).isEqualTo("2026-11-22T12:00:00.123Z");
    }

    @Test
    void aNewAclIsAChangeButLeavesTheTimeAlone() {
        StoredObject put = fixture.put("key", random(LARGE, 1));
        fixture.clock.advance(Duration.ofHours(1));
        Acl open = CannedAcl.PUBLIC_READ.expand(StoreFixture.OWNER, StoreFixture.OWNER);
        StoredObject changed = objects.setAcl(BUCKET, "key", null, open);
        assertThat(changed.acl()).isEqualTo(open);
        assertThat(changed.lastModified()).isEqualTo(put.lastModified());
        assertThat(changed.generation()).isGreaterThan(put.generation());
        assertThat(fixture.get("key")).isEqualTo(random(LARGE, 1));
    }

    @Test
    void aBodyThatIsNotAsLongAsDeclaredIsRefusedAndChangesNothing() {
        for (int declared : new int[] {0, 1, 99, 101, LARGE, 200_000}) {
            byte[] bytes = random(declared == LARGE ? LARGE + 1 : 100, 1);
            assertThatThrownBy(() -> objects.put(StoreFixture.object("key", declared), StoreFixture.channel(bytes)))
                    .isInstanceOf(S3Exception.IncompleteBody.class);
        }
        assertNothingIsLeft();
    }

    @Test
    void aBodyThatBreaksOffChangesNothing() {
        fixture.put("key", new byte[] {1});
        var broken = new ReadableByteChannel() {
            private int left = 300_000;

            @Override
            public int read(ByteBuffer into) throws IOException {
                if (left <= 0) {
                    throw new IOException("the client has gone");
                }
                int count = Math.min(left, into.remaining());
                into.put(new byte[count]);
                left -= count;
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        assertThatThrownBy(() -> objects.put(StoreFixture.object("key", 400_000), broken))
                .isInstanceOf(IOException.class)
                .hasMessage("the client has gone");
        assertThat(fixture.get("key")).containsExactly(1);
        assertThat(fixture.disk.files()).isEmpty();
    }

    private void assertNothingIsLeft() {
        assertThat(fixture.find("key")).isNull();
        assertThat(fixture.disk.files()).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('d'), Keys.all('e'), 10)).isEmpty();
    }

    @Test
    void aDigestThatDiffersIsRefusedAndChangesNothing() throws Exception {
        for (byte[] bytes : List.of(random(100, 1), random(LARGE, 1))) {
            byte[] good = MessageDigest.getInstance("MD5").digest(bytes);
            byte[] bad = good.clone();
            bad[3] ^= 1;
            assertThatThrownBy(() -> fixture.put(withDigests(md5(bad)), bytes))
                    .isInstanceOf(S3Exception.BadDigest.class)
                    .hasMessageContaining("Content-MD5");
            assertNothingIsLeft();
            fixture.put(withDigests(md5(good)), bytes);
            objects.delete(BUCKET, "key", WriteCondition.NONE);
            fixture.sweepAll();
        }
    }

    private static BodyDigests md5(byte[] expected) {
        return new BodyDigests(Optional.empty(), Optional.of(expected), Optional::empty);
    }

    private static NewObject withDigests(BodyDigests digests) {
        return new NewObject(BUCKET, "key", -1, Metadata.NONE, ACL, WriteCondition.NONE, digests);
    }

    @Test
    void aChecksumThatIsKnownOnlyAtTheEndOfTheBodyIsComparedAndKept() {
        byte[] bytes = "123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        // The check values of the algorithms' definitions.
        Map<ChecksumAlgorithm, String> values = Map.of(
                ChecksumAlgorithm.CRC32, "cbf43926",
                ChecksumAlgorithm.CRC32C, "e3069283",
                ChecksumAlgorithm.CRC64NVME, "ae8b14860a799888",
                ChecksumAlgorithm.SHA1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
                ChecksumAlgorithm.SHA256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
        values.forEach((algorithm, hex) -> {
            byte[] value = HexFormat.of().parseHex(hex);
            StoredObject put = fixture.put(
                    withDigests(new BodyDigests(Optional.of(algorithm), Optional.empty(), () -> Optional.of(value))),
                    bytes);
            assertThat(put.checksum())
                    .contains(new Checksum(
                            algorithm,
                            Checksum.Type.FULL_OBJECT,
                            java.util.Base64.getEncoder().encodeToString(value)));
            assertThat(objects.head(BUCKET, "key").checksum()).isEqualTo(put.checksum());
            byte[] wrong = value.clone();
            wrong[0] ^= 1;
            assertThatThrownBy(() -> fixture.put(
                            withDigests(new BodyDigests(
                                    Optional.of(algorithm), Optional.empty(), () -> Optional.of(wrong))),
                            bytes))
                    .isInstanceOf(S3Exception.BadDigest.class)
                    .hasMessageContaining(algorithm.name());
        });
    }

    @Test
    void conditionsOfAPutAreChecked() {
        var absent = new WriteCondition(Optional.empty(), Optional.of("*"));
        StoredObject first = fixture.put("key", random(10, 1), absent);
        assertThatThrownBy(() -> fixture.put("key", random(LARGE, 2), absent))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        var same = new WriteCondition(Optional.of("\"" + first.etag() + "\""), Optional.empty());
        fixture.put("key", random(LARGE, 3), same);
        assertThatThrownBy(() -> fixture.put("key", random(10, 4), same))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        assertThatThrownBy(() -> fixture.put("nothing", random(10, 4), same)).isInstanceOf(S3Exception.NoSuchKey.class);
        assertThat(fixture.get("key")).isEqualTo(random(LARGE, 3));
    }

    @Test
    void conditionsOfADeletionAreChecked() {
        StoredObject put = fixture.put("key", random(10, 1));
        var other = new WriteCondition(Optional.of("0".repeat(32)), Optional.empty());
        assertThatThrownBy(() -> objects.delete(BUCKET, "key", other))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        var size = new WriteCondition(Optional.empty(), Optional.empty(), Optional.of(11L), Optional.empty());
        assertThatThrownBy(() -> objects.delete(BUCKET, "key", size))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        var time = new WriteCondition(
                Optional.empty(),
                Optional.empty(),
                Optional.of(10L),
                Optional.of(Instant.parse("2026-11-22T12:00:01Z")));
        assertThatThrownBy(() -> objects.delete(BUCKET, "key", time))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        var all = new WriteCondition(
                Optional.of(put.etag()),
                Optional.empty(),
                Optional.of(10L),
                Optional.of(Instant.parse("2026-11-22T12:00:00Z")));
        assertThat(objects.delete(BUCKET, "key", all).happened()).isTrue();
        assertThat(objects.delete(BUCKET, "key", other).happened())
                .as("what is not there is deleted already")
                .isFalse();
        assertThat(fixture.find("key")).isNull();
    }

    @Test
    void manyAreDeletedAndEachSaysWhatStoodAgainstIt() {
        for (int i = 0; i < 250; i++) {
            fixture.put("k" + i, random(10, i));
        }
        var deletions = new java.util.ArrayList<Objects.Deletion>();
        for (int i = 0; i < 250; i++) {
            deletions.add(new Objects.Deletion("k" + i, WriteCondition.NONE));
        }
        deletions.set(3, new Objects.Deletion("k3", new WriteCondition(Optional.of("other"), Optional.empty())));
        deletions.set(4, new Objects.Deletion("never there", WriteCondition.NONE));
        var results = objects.deleteAll(BUCKET, deletions);
        assertThat(results).hasSize(250);
        assertThat(results.get(3).refusal()).containsInstanceOf(S3Exception.PreconditionFailed.class);
        assertThat(results.stream().filter(result -> result.refusal().isPresent()))
                .hasSize(1);
        assertThat(objects.list(new Listing.Query(BUCKET, "", "", "", 1_000)).objects().stream()
                        .map(StoredObject::key))
                .containsExactly("k3", "k4");
    }

    @Test
    void aCopyHasTheBytesAndTheMetadataOfItsSourceAndAnAclOfItsOwn() {
        fixture.store.buckets().create(StoreFixture.bucket("other-bucket"));
        var metadata = new Metadata(Map.of("content-type", "text/x"), Map.of("a", "b"), Metadata.STANDARD);
        for (int size : new int[] {0, 100, LARGE}) {
            byte[] bytes = random(size, size);
            StoredObject source = fixture.put(
                    new NewObject(BUCKET, "from", size, metadata, ACL, WriteCondition.NONE, BodyDigests.NONE), bytes);
            StoredObject copy = objects.copy(new NewCopy(
                    new CopySource(BUCKET, "from", ReadCondition.NONE),
                    "other-bucket",
                    "to",
                    Optional.empty(),
                    CannedAcl.PUBLIC_READ.expand(StoreFixture.OTHER_OWNER, StoreFixture.OWNER),
                    WriteCondition.NONE,
                    Optional.of(ChecksumAlgorithm.CRC32)));
            assertThat(copy.etag()).isEqualTo(source.etag());
            assertThat(copy.metadata()).isEqualTo(metadata);
            assertThat(copy.acl().ownerId()).isEqualTo(StoreFixture.OTHER_OWNER);
            assertThat(copy.checksum().orElseThrow().algorithm()).isEqualTo(ChecksumAlgorithm.CRC32);
            objects.delete(BUCKET, "from", WriteCondition.NONE);
            fixture.sweepAll();
            try (ObjectReader reader = objects.open("other-bucket", "to")) {
                assertThat(StoreFixture.range(reader, 0, size)).isEqualTo(bytes);
            }
        }
    }

    @Test
    void aCopyOntoItselfMustChangeSomething() {
        StoredObject put = fixture.put("key", random(LARGE, 1));
        assertThatThrownBy(() -> objects.copy(onto(Optional.empty(), ReadCondition.NONE)))
                .isInstanceOf(S3Exception.InvalidRequest.class);
        var metadata = new Metadata(Map.of(), Map.of("new", "one"), Metadata.STANDARD);
        StoredObject copy = objects.copy(onto(Optional.of(metadata), ReadCondition.NONE));
        assertThat(copy.metadata()).isEqualTo(metadata);
        assertThat(copy.generation()).isGreaterThan(put.generation());
        fixture.sweepAll();
        assertThat(fixture.get("key")).isEqualTo(random(LARGE, 1));
    }

    private static NewCopy onto(Optional<Metadata> metadata, ReadCondition condition) {
        return new NewCopy(
                new CopySource(BUCKET, "key", condition),
                BUCKET,
                "key",
                metadata,
                ACL,
                WriteCondition.NONE,
                Optional.empty());
    }

    @Test
    void theConditionOnACopysSourceIsChecked() {
        StoredObject put = fixture.put("key", random(10, 1));
        var differs = new ReadCondition(Optional.empty(), Optional.of(put.etag()), Optional.empty(), Optional.empty());
        assertThatThrownBy(() -> objects.copy(onto(Optional.of(Metadata.NONE), differs)))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
    }

    @Test
    void aReaderKeepsItsBytesWhenTheObjectIsReplacedAndSwept() {
        byte[] bytes = random(LARGE, 1);
        fixture.put("key", bytes);
        try (ObjectReader reader = objects.open(BUCKET, "key")) {
            fixture.put("key", random(LARGE, 2));
            fixture.sweepAll();
            assertThat(StoreFixture.range(reader, 0, LARGE)).isEqualTo(bytes);
        }
        assertThat(fixture.get("key")).isEqualTo(random(LARGE, 2));
    }

    @Test
    void aFullDiskRefusesPutsWithoutATraceAndServesReads() {
        byte[] bytes = random(LARGE, 1);
        fixture.put("key", bytes);
        fixture.disk.capacity(100_000);
        assertThatThrownBy(() -> fixture.put("other", random(200_000, 2)))
                .isInstanceOf(S3Exception.Unavailable.class)
                .hasMessageContaining("full");
        assertThat(fixture.find("other")).isNull();
        assertThat(fixture.get("key")).isEqualTo(bytes);
        fixture.disk.capacity(1_000_000);
        fixture.put("other", random(200_000, 2));
    }

    @Test
    void aFlippedBitIsAnErrorAndNeverData() {
        for (int size : new int[] {LARGE, 300_000}) {
            fixture.put("key", random(size, 1));
            var file = fixture.disk.files().getLast();
            for (long bit : new long[] {0, size * 4L, size * 8L - 1}) {
                fixture.disk.flip(file, bit);
                assertThatThrownBy(() -> fixture.get("key"))
                        .isInstanceOf(S3Exception.Damaged.class)
                        .hasFieldOrPropertyWithValue("status", 500);
                fixture.disk.flip(file, bit);
            }
            assertThat(fixture.get("key")).isEqualTo(random(size, 1));
            objects.delete(BUCKET, "key", WriteCondition.NONE);
            fixture.sweepAll();
        }
        fixture.put("key", random(100, 1));
        var small = fixture.kv.scan(Keys.all('d'), Keys.all('e'), 1).getFirst();
        fixture.kv.transact(tx -> {
            small.value()[50] ^= 1;
            tx.put(small.key(), small.value());
            return "";
        });
        assertThatThrownBy(() -> fixture.get("key")).isInstanceOf(S3Exception.Damaged.class);
    }

    @Test
    void aFileThatIsGoneIsAnError() throws Exception {
        fixture.put("key", random(LARGE, 1));
        assertThat(fixture.disk.delete(fixture.disk.files().getFirst())).isTrue();
        assertThatThrownBy(() -> fixture.get("key")).isInstanceOf(S3Exception.Damaged.class);
    }
}
