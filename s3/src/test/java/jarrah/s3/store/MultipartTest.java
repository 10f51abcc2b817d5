package jarrah.s3.store;

import static jarrah.s3.store.StoreFixture.BUCKET;
import static jarrah.s3.store.StoreFixture.LARGE;
import static jarrah.s3.store.StoreFixture.completion;
import static jarrah.s3.store.StoreFixture.named;
import static jarrah.s3.store.StoreFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MultipartTest {
    private static final int PART = (int) Limits.MIN_PART_BYTES;

    private final StoreFixture fixture = new StoreFixture();
    private final Multipart multipart = fixture.store.multipart();

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] md5(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("MD5").digest(bytes);
    }

    @Test
    void theObjectIsMadeOfItsPartsWithoutCopyingThem() throws Exception {
        byte[] one = random(PART, 1);
        byte[] two = random(PART + 77, 2);
        byte[] three = random(100, 3);
        Upload upload = fixture.begin("key");
        Part third = fixture.putPart(upload, 30, three);
        Part first = fixture.putPart(upload, 1, one);
        Part second = fixture.putPart(upload, 20, two);
        assertThat(fixture.find("key")).isNull();
        long written = fixture.disk.changes();
        StoredObject object = fixture.complete(upload, List.of(first, second, third));
        assertThat(fixture.disk.changes()).as("changes of the disk").isEqualTo(written);
        assertThat(object.size()).isEqualTo(one.length + two.length + three.length);
        assertThat(object.parts()).isEqualTo(3);
        assertThat(object.etag())
                .isEqualTo(HexFormat.of().formatHex(md5(joined(md5(one), md5(two), md5(three)))) + "-3");
        assertThat(fixture.get("key")).isEqualTo(joined(one, two, three));
        assertThatThrownBy(() -> multipart.get(BUCKET, "key", upload.uploadId()))
                .isInstanceOf(S3Exception.NoSuchUpload.class);
        fixture.sweepAll();
        assertThat(fixture.get("key")).isEqualTo(joined(one, two, three));
    }

    @Test
    void rangesAndPartNumbersAreFoundAcrossParts() {
        byte[] one = random(PART, 1);
        byte[] two = random(PART, 2);
        byte[] three = random(50_000, 3);
        Upload upload = fixture.begin("key");
        fixture.complete(
                upload,
                List.of(
                        fixture.putPart(upload, 1, one),
                        fixture.putPart(upload, 2, two),
                        fixture.putPart(upload, 4, three)));
        byte[] all = joined(one, two, three);
        try (ObjectReader reader = fixture.store.objects().open(BUCKET, "key")) {
            for (int[] range : new int[][] {{PART - 1, 2}, {PART, PART}, {1, 2 * PART + 10}, {all.length - 1, 1}}) {
                assertThat(StoreFixture.range(reader, range[0], range[1]))
                        .isEqualTo(Arrays.copyOfRange(all, range[0], range[0] + range[1]));
            }
            assertThat(reader.part(2)).isEqualTo(new ObjectReader.Range(PART, PART));
            assertThat(reader.part(3)).isEqualTo(new ObjectReader.Range(2L * PART, three.length));
            assertThatThrownBy(() -> reader.part(4)).isInstanceOf(S3Exception.InvalidPartNumber.class);
        }
        assertThat(parts("key", 1, 10).stream().map(Part::number)).containsExactly(2, 4);
    }

    @Test
    void aPartIsReplacedByALaterOneOfItsNumber() {
        Upload upload = fixture.begin("key");
        fixture.putPart(upload, 1, random(LARGE, 1));
        Part later = fixture.putPart(upload, 1, random(LARGE, 2));
        fixture.complete(upload, List.of(later));
        assertThat(fixture.get("key")).isEqualTo(random(LARGE, 2));
        fixture.sweepAll();
        assertThat(fixture.disk.files()).hasSize(1);
    }

    @Test
    void whatTheClientNamesMustBeWhatItUploaded() {
        Upload upload = fixture.begin("key");
        Part one = fixture.putPart(upload, 1, random(100, 1));
        Part two = fixture.putPart(upload, 2, random(100, 2));
        assertThatThrownBy(() -> fixture.complete(upload, List.of(one, two)))
                .isInstanceOf(S3Exception.EntityTooSmall.class);
        assertThatThrownBy(() -> fixture.complete(upload, List.of(two, one)))
                .isInstanceOf(S3Exception.InvalidPartOrder.class);
        assertThatThrownBy(() -> fixture.complete(upload, List.of(one, one)))
                .isInstanceOf(S3Exception.InvalidPartOrder.class);
        assertThatThrownBy(() -> fixture.complete(upload, List.of())).isInstanceOf(S3Exception.InvalidRequest.class);
        var other = new Part.Named(1, two.etag(), Optional.empty());
        var missing = new Part.Named(3, one.etag(), Optional.empty());
        for (Part.Named named : List.of(other, missing)) {
            assertThatThrownBy(() -> multipart.complete(new Completion(
                            BUCKET,
                            "key",
                            upload.uploadId(),
                            List.of(named),
                            WriteCondition.NONE,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty())))
                    .isInstanceOf(S3Exception.InvalidPart.class);
        }
        assertThatThrownBy(() -> multipart.complete(new Completion(
                        BUCKET,
                        "key",
                        upload.uploadId(),
                        List.of(named(one)),
                        WriteCondition.NONE,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(99L))))
                .isInstanceOf(S3Exception.InvalidRequest.class);
        assertThat(fixture.find("key")).isNull();
        assertThat(fixture.complete(upload, List.of(two)).size()).isEqualTo(100);
    }

    @Test
    void partsThatAreNotNamedAreDroppedAndTheirSpaceComesBack() {
        Upload upload = fixture.begin("key");
        Part kept = fixture.putPart(upload, 2, random(LARGE, 2));
        fixture.putPart(upload, 1, random(LARGE, 1));
        fixture.putPart(upload, 3, random(10, 3));
        fixture.complete(upload, List.of(kept));
        fixture.sweepAll();
        assertThat(fixture.get("key")).isEqualTo(random(LARGE, 2));
        assertThat(fixture.disk.files()).hasSize(1);
        assertThat(fixture.kv.scan(Keys.all('d'), Keys.all('e'), 10)).isEmpty();
    }

    @Test
    void completingAgainGivesTheSameAnswer() {
        Upload upload = fixture.begin("key");
        Part part = fixture.putPart(upload, 1, random(LARGE, 1));
        StoredObject first = fixture.complete(upload, List.of(part));
        fixture.clock.advance(Duration.ofDays(6));
        fixture.store.sweeper().sweepOnce();
        assertThat(fixture.complete(upload, List.of(part))).isEqualTo(first);
        fixture.clock.advance(Duration.ofDays(2));
        fixture.store.sweeper().sweepOnce();
        assertThatThrownBy(() -> fixture.complete(upload, List.of(part))).isInstanceOf(S3Exception.NoSuchUpload.class);
    }

    @Test
    void anAbortedUploadLeavesNothing() {
        Upload upload = fixture.begin("key");
        fixture.putPart(upload, 1, random(LARGE, 1));
        fixture.putPart(upload, 2, random(10, 2));
        multipart.abort(BUCKET, "key", upload.uploadId());
        assertThatThrownBy(() -> fixture.putPart(upload, 3, random(LARGE, 3)))
                .isInstanceOf(S3Exception.NoSuchUpload.class);
        assertThatThrownBy(() -> multipart.abort(BUCKET, "key", upload.uploadId()))
                .isInstanceOf(S3Exception.NoSuchUpload.class);
        fixture.sweepAll();
        assertThat(fixture.disk.files()).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('p'), Keys.all('q'), 10)).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('d'), Keys.all('e'), 10)).isEmpty();
    }

    @Test
    void aDeletedObjectGivesItsPartsBackButNotUnderAReader() {
        byte[] one = random(PART, 1);
        byte[] two = random(LARGE, 2);
        Upload upload = fixture.begin("key");
        fixture.complete(upload, List.of(fixture.putPart(upload, 1, one), fixture.putPart(upload, 2, two)));
        try (ObjectReader reader = fixture.store.objects().open(BUCKET, "key")) {
            fixture.store.objects().delete(BUCKET, "key", WriteCondition.NONE);
            fixture.clock.advance(Duration.ofDays(30));
            fixture.store.sweeper().sweepOnce();
            assertThat(StoreFixture.range(reader, 0, one.length + two.length)).isEqualTo(joined(one, two));
        }
        fixture.sweepAll();
        assertThat(fixture.disk.files()).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('p'), Keys.all('q'), 10)).isEmpty();
        assertThat(fixture.kv.scan(Keys.all('t'), Keys.all('u'), 10)).isEmpty();
    }

    @Test
    void anUploadIdIsGoodForItsBucketAndKeyOnly() {
        Upload upload = fixture.begin("key");
        for (String id : List.of("", "x", "0".repeat(32), "../" + "0".repeat(29))) {
            assertThatThrownBy(() -> multipart.get(BUCKET, "key", id)).isInstanceOf(S3Exception.NoSuchUpload.class);
        }
        assertThatThrownBy(() -> multipart.get(BUCKET, "other", upload.uploadId()))
                .isInstanceOf(S3Exception.NoSuchUpload.class);
    }

    @Test
    void conditionsHoldForCompletionsToo() {
        fixture.put("key", new byte[] {1});
        Upload upload = fixture.begin("key");
        Part part = fixture.putPart(upload, 1, random(10, 1));
        var absent = new WriteCondition(Optional.empty(), Optional.of("*"));
        assertThatThrownBy(() -> multipart.complete(new Completion(
                        BUCKET,
                        "key",
                        upload.uploadId(),
                        List.of(named(part)),
                        absent,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())))
                .isInstanceOf(S3Exception.PreconditionFailed.class);
        assertThat(fixture.get("key")).containsExactly(1);
        fixture.complete(upload, List.of(part));
    }

    @Test
    void partsAreListedInPages() {
        Upload upload = fixture.begin("key");
        for (int number : new int[] {7, 3, 10_000, 1}) {
            fixture.putPart(upload, number, random(10, number));
        }
        Part.Page page = multipart.listParts(BUCKET, "key", upload.uploadId(), 0, 2);
        assertThat(page.parts().stream().map(Part::number)).containsExactly(1, 3);
        assertThat(page.next()).contains(3);
        Part.Page last = multipart.listParts(BUCKET, "key", upload.uploadId(), 3, 2);
        assertThat(last.parts().stream().map(Part::number)).containsExactly(7, 10_000);
        assertThat(last.next()).isEmpty();
        assertThat(multipart
                        .listParts(BUCKET, "key", upload.uploadId(), 10_000, 2)
                        .parts())
                .isEmpty();
    }

    @Test
    void uploadsAreListedByKeyThenByBeginning() {
        Upload b1 = fixture.begin("b");
        Upload a = fixture.begin("a\u0000x");
        Upload b2 = fixture.begin("b");
        Upload c = fixture.begin("c/1");
        fixture.begin("c/2");
        Upload.Page all = multipart.listUploads(new Upload.Query(BUCKET, "", "", "", "", 100));
        assertThat(all.uploads().stream().map(Upload::key)).containsExactly("a\u0000x", "b", "b", "c/1", "c/2");
        assertThat(all.uploads().subList(0, 4)).containsExactly(a, b1, b2, c);
        Upload.Page first = multipart.listUploads(new Upload.Query(BUCKET, "", "/", "", "", 2));
        assertThat(first.uploads()).containsExactly(a, b1);
        assertThat(first.nextKey()).contains("b");
        assertThat(first.nextUploadId()).contains(b1.uploadId());
        Upload.Page second = multipart.listUploads(new Upload.Query(BUCKET, "", "/", "b", b1.uploadId(), 2));
        assertThat(second.uploads()).containsExactly(b2);
        assertThat(second.commonPrefixes()).containsExactly("c/");
        assertThat(second.nextKey()).isEmpty();
        assertThat(multipart
                        .listUploads(new Upload.Query(BUCKET, "c", "", "b", "", 10))
                        .uploads())
                .hasSize(2);
    }

    @Test
    void aPartIsCopiedFromARangeOfAnObject() {
        byte[] source = random(200_000, 1);
        fixture.put("source", source);
        Upload upload = fixture.begin("key");
        var from = new CopySource(BUCKET, "source", ReadCondition.NONE);
        Part part = multipart.copyPart(BUCKET, "key", upload.uploadId(), 1, from, 1_000, 150_999);
        assertThat(part.size()).isEqualTo(150_000);
        assertThatThrownBy(() -> multipart.copyPart(BUCKET, "key", upload.uploadId(), 1, from, 0, 200_000))
                .isInstanceOf(S3Exception.InvalidRange.class);
        fixture.complete(upload, List.of(part));
        assertThat(fixture.get("key")).isEqualTo(Arrays.copyOfRange(source, 1_000, 151_000));
    }

    @ParameterizedTest
    @EnumSource(ChecksumAlgorithm.class)
    void theObjectsChecksumFollowsFromItsParts(ChecksumAlgorithm algorithm) throws Exception {
        byte[] one = random(PART, 1);
        byte[] two = random(1_000, 2);
        Upload upload = fixture.begin("key", Optional.of(algorithm), Optional.empty());
        Part first = fixture.putPart(upload, 1, one);
        Part second = fixture.putPart(upload, 2, two);
        assertThat(first.checksum().orElseThrow().algorithm()).isEqualTo(algorithm);
        Checksum checksum =
                fixture.complete(upload, List.of(first, second)).checksum().orElseThrow();
        if (algorithm == ChecksumAlgorithm.CRC64NVME) {
            assertThat(checksum.type()).isEqualTo(Checksum.Type.FULL_OBJECT);
            var crc = new Crc64Nvme();
            crc.update(joined(one, two), 0, one.length + two.length);
            assertThat(Base64.getDecoder().decode(checksum.value())).isEqualTo(RunningDigests.bytes(crc.getValue(), 8));
        } else {
            assertThat(checksum.type()).isEqualTo(Checksum.Type.COMPOSITE);
            var running = new RunningDigests(Optional.of(algorithm));
            for (Part part : List.of(first, second)) {
                byte[] value =
                        Base64.getDecoder().decode(part.checksum().orElseThrow().value());
                running.update(value, 0, value.length);
            }
            assertThat(checksum.value())
                    .isEqualTo(Base64.getEncoder()
                                    .encodeToString(running.finish().further().orElseThrow()) + "-2");
        }
    }

    @Test
    void aFullObjectChecksumThatTheClientExpectsIsCompared() {
        byte[] one = random(PART, 1);
        byte[] two = random(1_000, 2);
        Upload upload =
                fixture.begin("key", Optional.of(ChecksumAlgorithm.CRC32), Optional.of(Checksum.Type.FULL_OBJECT));
        Completion completion =
                completion(upload, List.of(fixture.putPart(upload, 1, one), fixture.putPart(upload, 2, two)));
        var crc = new CRC32();
        crc.update(joined(one, two));
        String good = Base64.getEncoder().encodeToString(RunningDigests.bytes(crc.getValue(), 4));
        assertThatThrownBy(() -> multipart.complete(expecting(completion, "AAAAAA==")))
                .isInstanceOf(S3Exception.BadDigest.class);
        assertThatThrownBy(() -> multipart.complete(new Completion(
                        completion.bucket(),
                        completion.key(),
                        completion.uploadId(),
                        completion.parts(),
                        completion.condition(),
                        Optional.of(good),
                        Optional.of(Checksum.Type.COMPOSITE),
                        Optional.empty())))
                .isInstanceOf(S3Exception.BadDigest.class);
        assertThat(multipart.complete(expecting(completion, good)).checksum())
                .contains(new Checksum(ChecksumAlgorithm.CRC32, Checksum.Type.FULL_OBJECT, good));
    }

    private static Completion expecting(Completion completion, String checksum) {
        return new Completion(
                completion.bucket(),
                completion.key(),
                completion.uploadId(),
                completion.parts(),
                completion.condition(),
                Optional.of(checksum),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void algorithmsAndTypesThatDoNotGoTogetherAreRefused() {
        assertThatThrownBy(() -> fixture.begin(
                        "key", Optional.of(ChecksumAlgorithm.SHA256), Optional.of(Checksum.Type.FULL_OBJECT)))
                .isInstanceOf(S3Exception.InvalidRequest.class);
        assertThatThrownBy(() -> fixture.begin(
                        "key", Optional.of(ChecksumAlgorithm.CRC64NVME), Optional.of(Checksum.Type.COMPOSITE)))
                .isInstanceOf(S3Exception.InvalidRequest.class);
        Upload upload = fixture.begin("key", Optional.of(ChecksumAlgorithm.CRC32), Optional.empty());
        assertThatThrownBy(() -> multipart.putPart(
                        BUCKET,
                        "key",
                        upload.uploadId(),
                        1,
                        1,
                        new BodyDigests(Optional.of(ChecksumAlgorithm.SHA1), Optional.empty(), Optional::empty),
                        StoreFixture.channel(new byte[] {1})))
                .isInstanceOf(S3Exception.InvalidRequest.class);
    }

    // The parts are put as records only: what counts here is the size of the transaction, not that of the bytes.
    @Test
    void tenThousandPartsOfTenThousandSizesAreCompletedInOneSmallTransaction() {
        Upload upload = fixture.begin("key");
        var parts = new ArrayList<Part>();
        for (int number = 1; number <= Limits.MAX_PARTS; number++) {
            parts.add(new Part(
                    number,
                    PART + number,
                    upload.initiated(),
                    "%032x".formatted(number),
                    Optional.empty(),
                    new Content.Empty()));
        }
        for (int from = 0; from < parts.size(); from += 500) {
            List<Part> some = parts.subList(from, from + 500);
            fixture.kv.transact(tx -> {
                some.forEach(part -> tx.put(Keys.part(upload.uploadId(), part.number()), Records.encode(part)));
                return "";
            });
        }
        StoredObject object = fixture.complete(upload, parts);
        assertThat(object.parts()).isEqualTo(10_000);
        assertThat(Records.encode(object).length).isLessThan(1_000);
        assertThat(fixture.kv.scan(Keys.all('t'), Keys.all('u'), 10)).hasSizeLessThanOrEqualTo(PartIndex.MAX_PAGES);
        try (ObjectReader reader = fixture.store.objects().open(BUCKET, "key")) {
            long before = parts.subList(0, 9_998).stream().mapToLong(Part::size).sum();
            assertThat(reader.part(9_999)).isEqualTo(new ObjectReader.Range(before, PART + 9_999));
        }
    }

    private List<Part> parts(String key, int after, int limit) {
        try (ObjectReader reader = fixture.store.objects().open(BUCKET, key)) {
            return fixture.store.objects().parts(reader, after, limit);
        }
    }
}
