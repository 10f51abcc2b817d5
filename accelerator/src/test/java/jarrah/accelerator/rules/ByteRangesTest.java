package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110, 14.1.2 and 14.2, on a representation of 100 bytes. */
final class ByteRangesTest {
    private static String describe(ByteRanges ranges) {
        return switch (ranges) {
            case ByteRanges.Whole _ -> "whole";
            case ByteRanges.Unsatisfiable _ -> "416";
            case ByteRanges.Parts(var parts) ->
                parts.stream().map(p -> p.first() + "+" + p.length()).collect(Collectors.joining(" "));
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-9|0+10",
                "BYTES=0-9|0+10",
                "bytes=90-|90+10",
                "bytes=-10|90+10",
                "bytes=-200|0+100",
                "bytes=0-999|0+100",
                "bytes=99-99|99+1",
                "bytes=0-99999999999999999999|0+100",
                "bytes=100-|416",
                "bytes=200-300|416",
                "bytes=-0|416",
                "bytes=0-0, 50-59|0+1 50+10",
                "bytes=50-59,0-0|50+10 0+1",
                "bytes=0-9,5-19|0+20",
                "bytes=0-9,10-19|0+20",
                "bytes=0-9,200-300|0+10",
                "bytes=,0-9,|0+10",
                "bytes=9-0|whole",
                "bytes=-|whole",
                "bytes=a-b|whole",
                "bytes=+0-9|whole",
                "bytes=0-9;|whole",
                "bytes 0-9|whole",
                "items=0-9|whole",
                "bytes=0-9,x|whole",
            })
    void rangesAreReadOrIgnored(String field, String expected) {
        assertThat(describe(ByteRanges.of(field, 100))).isEqualTo(expected);
    }

    @Test
    void tooManyRangesAreServedWhole() {
        assertThat(describe(ByteRanges.of("bytes=" + "0-0,".repeat(200), 100))).isEqualTo("whole");
        assertThat(describe(ByteRanges.of(null, 100))).isEqualTo("whole");
        assertThat(describe(ByteRanges.of("bytes=0-", 0))).isEqualTo("416");
    }

    /** Against a set of bits: the parts hold exactly the bytes asked for, each once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void thePartsAreTheBytesAskedFor(long seed) {
        var random = new Random(seed);
        for (int step = 0; step < 5_000; step++) {
            int total = 1 + random.nextInt(50);
            var wanted = new BitSet();
            var field = new StringBuilder("bytes=");
            for (int n = 1 + random.nextInt(5); n > 0; n--) {
                int from = random.nextInt(60);
                int to = from + random.nextInt(20);
                field.append(from).append('-').append(to).append(n > 1 ? "," : "");
                wanted.set(Math.min(from, total), Math.min(to + 1, total));
            }
            var found = new BitSet();
            if (ByteRanges.of(field.toString(), total) instanceof ByteRanges.Parts(var parts)) {
                for (var part : parts) {
                    assertThat(found.get((int) part.first(), (int) (part.last() + 1))
                                    .isEmpty())
                            .as(field.toString())
                            .isTrue();
                    found.set((int) part.first(), (int) (part.last() + 1));
                }
            }
            assertThat(found).as("%s of %s", field, total).isEqualTo(wanted);
        }
    }
}
