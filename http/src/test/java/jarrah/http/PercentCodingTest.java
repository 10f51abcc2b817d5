package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PercentCodingTest {
    @ParameterizedTest
    @CsvSource({
        "abc, abc",
        "a%20b, a b",
        "a+b, a+b",
        "%2B, +",
        "%2f%2F, //",
        "%252F, %2F",
        "%c3%BC, ü",
        "%F0%9F%98%80, \uD83D\uDE00",
        "/..//%2e, /..//."
    })
    void isUndoneOnce(String coded, String decoded) {
        assertThat(PercentCoding.decode(coded)).contains(decoded);
    }

    @Test
    void bytesThatCameUnencodedCountAsThemselves() {
        String asReceived = new String("ü".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(PercentCoding.decode(asReceived)).contains("ü");
        assertThat(PercentCoding.decode("a+b", true)).contains("a b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%",
                "%1",
                "%zz",
                "a%2",
                "%%20",
                "%-1",
                "%ff",
                "%c3",
                "%c0%af",
                "%ed%a0%80",
                "%f5%80%80%80",
                "\u0100"
            })
    void whatIsBrokenIsRefused(String coded) {
        assertThat(PercentCoding.decode(coded)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"a/b c, a%2Fb%20c, a/b%20c", "ü*'()!~, %C3%BC%2A%27%28%29%21~, %C3%BC%2A%27%28%29%21~"})
    void encodesAllButUnreserved(String text, String encoded, String asPath) {
        assertThat(PercentCoding.encode(text)).isEqualTo(encoded);
        assertThat(PercentCoding.encodePath(text)).isEqualTo(asPath);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatWasEncodedDecodesToItself(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 1_000; i++) {
            var text = new StringBuilder();
            int length = random.nextInt(20);
            for (int j = 0; j < length; j++) {
                int point = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
                text.appendCodePoint(point >= 0xd800 && point < 0xe000 ? 'x' : point);
            }
            assertThat(PercentCoding.decode(PercentCoding.encode(text.toString())))
                    .contains(text.toString());
        }
    }
}
