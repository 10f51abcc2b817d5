package jarrah.s3.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jarrah.aws.AwsException;
import jarrah.aws.XmlElement;
import jarrah.http.ByteRange;
import jarrah.http.Headers;
import jarrah.http.RequestBody;
import jarrah.s3.settings.CorsRules;
import jarrah.s3.settings.Lifecycle;
import jarrah.s3.settings.Replication;
import jarrah.s3.settings.TagSet;
import jarrah.s3.settings.Website;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What strangers send is read or refused, whatever it is; nothing else comes out of a parser. */
final class HostileInputTest {
    private static final int ROUNDS = Boolean.getBoolean("jarrah.long") ? 20_000 : 2_000;
    private static final String FORM = "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/${filename}\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\ne30=\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nby\r\n-tes\r\n--B--\r\n";
    private static final List<String> DOCUMENTS = List.of(
            "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
            "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
                    + "<MaxAgeSeconds>3</MaxAgeSeconds></CORSRule></CORSConfiguration>",
            "<LifecycleConfiguration><Rule><ID>i</ID><Status>Enabled</Status><Filter><And><Prefix>p</Prefix>"
                    + "<ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></And></Filter><Expiration><Days>1</Days>"
                    + "</Expiration></Rule></LifecycleConfiguration>",
            "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>",
            "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><Status>Enabled</Status>"
                    + "<Prefix/><Destination><Bucket>arn:aws:s3:::b</Bucket></Destination></Rule>"
                    + "</ReplicationConfiguration>");
    private static final List<String> RANGES = List.of("bytes=0-499", "bytes=-5", "bytes=5-", "bytes=0-0,-1");
    private static final String POLICY =
            "{\"expiration\":\"2030-01-01T00:00:00Z\",\"conditions\":[{\"bucket\":\"b\"},[\"starts-with\",\"$key\",\"\"],"
                    + "[\"content-length-range\",0,10]]}";

    static LongStream seeds() {
        return LongStream.range(0, 5);
    }

    /** A body that comes in pieces as a network gives them. */
    private static final class Pieces implements RequestBody {
        private final ByteBuffer bytes;
        private final Random random;

        Pieces(byte[] bytes, Random random) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.random = random;
        }

        @Override
        public long length() {
            return -1;
        }

        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(1 + random.nextInt(7), Math.min(bytes.remaining(), target.remaining()));
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public byte[] readAll(int limitBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Headers trailers() {
            return Headers.of();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static byte[] changed(String text, Random random) {
        byte[] bytes = text.getBytes(UTF_8);
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(1, at));
                case 2 -> {
                    var longer = new ByteArrayOutputStream();
                    longer.write(bytes, 0, at);
                    longer.write(bytes, random.nextInt(at + 1), random.nextInt(bytes.length - at));
                    longer.write(bytes, at, bytes.length - at);
                    bytes = longer.toByteArray();
                }
                default -> bytes[at] = "<>&\"'\r\n\0-=,".getBytes(ISO_8859_1)[random.nextInt(11)];
            }
        }
        return bytes;
    }

    private static byte[] file(UploadForm form) throws IOException {
        var out = new ByteArrayOutputStream();
        RequestBody file = form.file();
        var buffer = ByteBuffer.allocate(5);
        while (file.read(buffer.clear()) >= 0) {
            out.write(buffer.array(), 0, buffer.position());
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void formsAreReadOrRefused(long seed) throws IOException {
        var random = new Random(seed);
        Headers headers = Headers.of("Content-Type", "multipart/form-data; boundary=B");
        int whole = 0;
        for (int i = 0; i < ROUNDS; i++) {
            UploadForm form = UploadForm.read(headers, new Pieces(FORM.getBytes(UTF_8), random));
            assertThat(file(form)).isEqualTo("by\r\n-tes".getBytes(UTF_8));
            try {
                file(UploadForm.read(headers, new Pieces(changed(FORM, random), random)));
                whole++;
            } catch (AwsException | IOException refused) {
                assertThat(refused).hasMessageMatching("(?s).+");
            }
        }
        assertThat(whole).isBetween(1, ROUNDS - 1);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void documentsAreReadOrRefused(long seed) {
        var random = new Random(seed);
        int whole = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] document = changed(DOCUMENTS.get(random.nextInt(DOCUMENTS.size())), random);
            try {
                XmlElement root = XmlElement.parse(document);
                switch (root.name()) {
                    case "CORSConfiguration" -> CorsRules.of(root);
                    case "LifecycleConfiguration" -> Lifecycle.of(root, String::valueOf, true);
                    case "WebsiteConfiguration" -> Website.of(root);
                    case "ReplicationConfiguration" -> Replication.of(root);
                    default -> TagSet.of(root, TagSet.MAX_OF_OBJECT);
                }
                whole++;
            } catch (AwsException | XmlElement.MalformedXml refused) {
                assertThat(refused).isNotNull();
            }
        }
        assertThat(whole).isBetween(1, ROUNDS - 1);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rangesLieInWhatThereIs(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            String value = new String(changed(RANGES.get(random.nextInt(RANGES.size())), random), ISO_8859_1);
            long length = random.nextInt(1_000);
            ByteRange.parse(value).ifPresent(specs -> {
                for (ByteRange range : ByteRange.resolve(specs, length)) {
                    assertThat(range.first()).isBetween(0L, length - 1);
                    assertThat(range.first() + range.length()).isLessThanOrEqualTo(length);
                    assertThat(range.length()).isPositive();
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void policiesOfFormsAreReadOrRefused(long seed) {
        var random = new Random(seed);
        int whole = 0;
        for (int i = 0; i < ROUNDS; i++) {
            String policy = Base64.getEncoder().encodeToString(changed(POLICY, random));
            try {
                FormPolicy.read(policy, Instant.parse("2026-11-22T10:00:00Z"));
                whole++;
            } catch (AwsException refused) {
                assertThat(refused.status()).isBetween(400, 499);
            }
        }
        assertThat(whole).isBetween(1, ROUNDS - 1);
    }
}
