package jarrah.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteRangeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bytes=0-9                       | 100 | 0-9
            bytes=0-0                       | 100 | 0-0
            bytes=90-                       | 100 | 90-99
            bytes=-10                       | 100 | 90-99
            bytes=-1000                     | 100 | 0-99
            bytes=50-1000                   | 100 | 50-99
            bytes=99-99                     | 100 | 99-99
            bytes=0-1,5-6, -1               | 100 | 0-1 5-6 99-99
            bytes=5-6,0-1                   | 100 | 5-6 0-1
            bytes=0-1,200-300               | 100 | 0-1
            bytes=,0-1,,                    | 100 | 0-1
            BYTES=0-1                       | 100 | 0-1
            bytes=0-99999999999999999999999 | 100 | 0-99
            bytes=-99999999999999999999999  | 100 | 0-99
            bytes=100-                      | 100 | none
            bytes=100-200                   | 100 | none
            bytes=99999999999999999999999-  | 100 | none
            bytes=-0                        | 100 | none
            bytes=0-                        | 0   | none
            bytes=-1                        | 0   | none
            """)
    void rangesResolve(String field, long length, String expected) {
        var specs = ByteRange.parse(field).orElseThrow();
        var text = new StringBuilder();
        for (ByteRange range : ByteRange.resolve(specs, length)) {
            text.append(text.isEmpty() ? "" : " ")
                    .append(range.first())
                    .append('-')
                    .append(range.last());
        }
        assertThat(text.isEmpty() ? "none" : text.toString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=-",
                "bytes=a-b",
                "bytes=1",
                "bytes=9-1",
                "bytes=1-2-3",
                "bytes=+1-2",
                "bytes=--1",
                "bytes=1 - 2",
                "bytes 0-1",
                " bytes=0-1",
                "items=0-1",
                "bytes=0-1,x"
            })
    void whatIsMalformedIsIgnored(String field) {
        assertThat(ByteRange.parse(field)).isEmpty();
    }

    @Test
    void tooManyRangesAreIgnored() {
        assertThat(ByteRange.parse("bytes=" + "0-1,".repeat(ByteRange.MAX_RANGES)))
                .isPresent();
        assertThat(ByteRange.parse("bytes=" + "0-1,".repeat(ByteRange.MAX_RANGES + 1)))
                .isEmpty();
    }

    @Test
    void contentRangeNamesRangeAndLength() {
        assertThat(new ByteRange(0, 9).contentRange(100)).isEqualTo("bytes 0-9/100");
        assertThat(ByteRange.unsatisfiedContentRange(100)).isEqualTo("bytes */100");
        assertThat(new ByteRange(5, 5).length()).isEqualTo(1);
    }
}
