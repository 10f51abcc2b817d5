package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;

import jarrah.http.Headers;
import jarrah.http.RequestHead;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Signatures and signed bodies, damaged at random: refused by AWS's errors, or what was signed; never anything else. */
class HostileInputTest {
    private static final int ROUNDS = Boolean.getBoolean("jarrah.long") ? 50_000 : 2_000;
    private static final String ID = "AKIAIOSFODNN7EXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static final String HOST = "examplebucket.s3.amazonaws.com";
    private static final Instant NOW = Instant.parse("2013-05-24T00:00:00Z");
    private static final String PIECES = "\u0000\r\n \t=&%/;,:\"+~ü-0aZ";

    static LongStream seeds() {
        return LongStream.range(0, 4);
    }

    private static String damaged(String text, Random random) {
        var damaged = new StringBuilder(text);
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(damaged.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> damaged.insert(at, PIECES.charAt(random.nextInt(PIECES.length())));
                case 1 -> damaged.delete(at, Math.min(damaged.length(), at + 1 + random.nextInt(8)));
                case 2 -> damaged.insert(at, damaged.substring(random.nextInt(at + 1), at));
                default -> {
                    if (at < damaged.length()) {
                        damaged.setCharAt(at, (char) random.nextInt(256));
                    }
                }
            }
        }
        return damaged.toString();
    }

    /** A head with one part damaged: its target or the value of one of its fields. */
    private static RequestHead damaged(RequestHead head, Random random) {
        var fields = new ArrayList<String>();
        int which = random.nextInt(head.headers().size() + 1);
        for (int i = 0; i < head.headers().size(); i++) {
            String value = head.headers().value(i);
            fields.addAll(List.of(head.headers().name(i), i == which ? damaged(value, random) : value));
        }
        String target =
                which == head.headers().size() ? "/" + damaged(head.target().substring(1), random) : head.target();
        return Requests.head(head.method(), target, fields.toArray(String[]::new));
    }

    /** What a server would do: the path and what a query asks for, whatever their spelling. */
    private static String meaning(RequestHead head) {
        String query = head.query();
        List<String> asked = query == null
                ? List.of()
                : Arrays.stream(query.split("&"))
                        .filter(part ->
                                !part.isEmpty() && !part.startsWith("Signature=") && !part.startsWith("X-Amz-Sig"))
                        .map(part -> UriEncoding.canonical(part.contains("=") ? part : part + "=", false))
                        .sorted()
                        .toList();
        return UriEncoding.canonical(head.path(), true) + "?" + asked;
    }

    private static void check(
            List<RequestHead> heads,
            Function<RequestHead, Authentication> verifier,
            Function<RequestHead, String> meaning,
            long seed) {
        var random = new Random(seed);
        int signed = 0;
        for (RequestHead head : heads) {
            assertThat(verifier.apply(head)).isInstanceOf(Authentication.Signed.class);
        }
        for (int i = 0; i < ROUNDS; i++) {
            RequestHead good = heads.get(random.nextInt(heads.size()));
            RequestHead bad = damaged(good, random);
            try {
                if (verifier.apply(bad) instanceof Authentication.Signed) {
                    signed++;
                    assertThat(meaning.apply(bad))
                            .as("seed %d, round %d: %s", seed, i, bad)
                            .isEqualTo(meaning.apply(good));
                }
            } catch (AwsException refused) {
                assertThat(refused.status()).isBetween(400, 499);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + i + ": " + bad, e);
            }
        }
        assertThat(signed).as("most damage is found").isLessThan(ROUNDS / 4);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void signaturesOfVersion4(long seed) {
        var clock = new ManualClock(NOW);
        var verifier = new SignatureVerifier(Map.of(ID, SECRET)::get, clock);
        var signer = new RequestSigner(ID, SECRET, "us-east-1", "s3", clock);
        Headers headers = Headers.of("Host", HOST, "Range", "bytes=0-9", "x-amz-meta-note", "a  b");
        signer.sign("GET", "/a%2Fb/%C3%BC", "prefix=a%2Bb&list-type=2", headers, Hashing.EMPTY_SHA256);
        var pairs = new ArrayList<String>();
        headers.forEach((name, value) -> pairs.addAll(List.of(name, value)));
        check(
                List.of(
                        Requests.head("GET", "/a%2Fb/%C3%BC?prefix=a%2Bb&list-type=2", pairs.toArray(String[]::new)),
                        Requests.head(
                                "GET",
                                "/test.txt?" + signer.presign("GET", HOST, "/test.txt", Duration.ofHours(1)),
                                "Host",
                                HOST)),
                verifier::verifyS3,
                HostileInputTest::meaning,
                seed);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void signaturesOfVersion2(long seed) {
        var verifier = new SignatureV2(
                Map.of(ID, SECRET)::get, Clock.fixed(Instant.parse("2007-03-27T19:42:41Z"), ZoneOffset.UTC));
        // Of a query this version signs sub-resources alone.
        check(
                List.of(
                        Requests.head(
                                "GET",
                                "/photos/puppy.jpg",
                                "Date",
                                "Tue, 27 Mar 2007 19:36:42 +0000",
                                "Authorization",
                                "AWS " + ID + ":bWq2s1WEIj+Ydj0vQ697zp+IXMU="),
                        Requests.head(
                                "GET",
                                "/photos/puppy.jpg?AWSAccessKeyId=" + ID
                                        + "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620")),
                head -> verifier.verify(head, "johnsmith"),
                head -> UriEncoding.canonical(head.path(), true),
                seed);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bodiesInSignedChunks(long seed) {
        var random = new Random(seed);
        byte[] wire = AwsChunkedBodyTest.documentedBody();
        int whole = 0;
        for (int i = 0; i < ROUNDS / 4; i++) {
            byte[] bad = damagedEnds(wire, random);
            try {
                byte[] read = SignedBody.of(
                                Requests.body(bad, 1 + random.nextInt(70_000)),
                                AwsChunkedBodyTest.documentedSigning(),
                                Headers.of("x-amz-decoded-content-length", "66560"))
                        .readAll(100_000);
                assertThat(read).as("seed %d, round %d", seed, i).isEqualTo(AwsChunkedBodyTest.letters(66_560));
                whole++;
            } catch (AwsException | IOException refused) {
                assertThat(refused).hasMessageMatching("(?s).+");
            }
        }
        assertThat(whole).isLessThan(ROUNDS / 4);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bodiesInChunksWithATrailer(long seed) {
        var random = new Random(seed);
        String wire = "5\r\nhello\r\n3;a=b\r\n you\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
        int whole = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bad = damaged(wire, random).getBytes(StandardCharsets.ISO_8859_1);
            try {
                SignedBody body = SignedBody.of(
                        Requests.body(bad, 1 + random.nextInt(10)),
                        new BodySigning.Chunked(null, true),
                        Headers.of("x-amz-decoded-content-length", "8", "x-amz-trailer", "x-amz-checksum-crc32"));
                assertThat(body.readAll(100)).as("seed %d, round %d", seed, i).hasSize(8);
                whole++;
            } catch (AwsException | IOException refused) {
                assertThat(refused).hasMessageMatching("(?s).+");
            }
        }
        assertThat(whole).isBetween(1, ROUNDS - 1);
    }

    /** Damages what is not one of the many letters: chunk heads and ends, mostly. */
    private static byte[] damagedEnds(byte[] wire, Random random) {
        int[] places = {0, 65_536 + 80, 65_536 + 90, wire.length - 100};
        byte[] bad = wire.clone();
        for (int i = random.nextInt(3); i >= 0 && bad.length > 0; i--) {
            int at = Math.min(bad.length - 1, places[random.nextInt(4)] + random.nextInt(100));
            switch (random.nextInt(3)) {
                case 0 -> bad[at] = (byte) random.nextInt(256);
                case 1 -> bad = Arrays.copyOf(bad, at);
                default -> {
                    byte[] shorter = Arrays.copyOf(bad, bad.length - 1);
                    System.arraycopy(bad, at + 1, shorter, at, bad.length - at - 1);
                    bad = shorter;
                }
            }
        }
        return bad;
    }
}
