package jarrah.accelerator.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WeightsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip|1000",
                "GZIP|1000",
                "deflate, gzip ;q=0.5, br|500",
                "gzip;q=0|0",
                "gzip;q=0.000|0",
                "gzip;q=0.001|1",
                "gzip; Q=1.000|1000",
                "gzip;x=1;q=0.25|250",
                "gzip;q=2|0",
                "gzip;q=0.1234|0",
                "gzip;q=|0",
                "gzip2|-1",
                "deflate;gzip|-1",
                "*|-1",
                "''|-1",
                ",,gzip,|1000",
            })
    void aMemberHasTheWeightThatTheFieldGivesIt(String field, int weight) {
        assertThat(Weights.of(field, "gzip")).isEqualTo(weight);
    }

    @Test
    void whatIsNotSentNamesNothing() {
        assertThat(Weights.of(null, "gzip")).isEqualTo(Weights.UNNAMED);
    }
}
