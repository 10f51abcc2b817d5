package jarrah.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times as AWS writes them, compared with the platform's own formatter. */
class AwsTimeTest {
    private static final DateTimeFormatter BASIC =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everyInstantIsWrittenAsTheFormatterWritesIt(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            Instant instant = Instant.ofEpochSecond(
                    random.nextLong(-62_135_596_800L, 253_402_300_800L), random.nextInt(1_000_000_000));
            assertThat(AwsTime.basic(instant)).isEqualTo(BASIC.format(instant));
            assertThat(AwsTime.iso(instant)).isEqualTo(MILLIS.format(instant));
            assertThat(AwsTime.parseBasic(AwsTime.basic(instant)))
                    .isEqualTo(Instant.ofEpochSecond(instant.getEpochSecond()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "20130524",
                "20130524T000000",
                "20130524T000000z",
                "20131324T000000Z",
                "20130532T000000Z",
                "20130524T240000Z",
                "20130524T006000Z",
                "20130524T000060Z",
                "2013-05-24T00:00:00Z",
                "20130524T000000ZZ",
                "2013052aT000000Z",
                "20130229T000000Z"
            })
    void whatIsNoTimeIsNotRead(String text) {
        assertThat(AwsTime.parseBasic(text)).isNull();
    }

    @Test
    void leapDaysAreRead() {
        assertThat(AwsTime.parseBasic("20240229T235959Z")).isEqualTo(Instant.parse("2024-02-29T23:59:59Z"));
    }
}
