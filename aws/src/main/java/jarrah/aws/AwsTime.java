package jarrah.aws;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The ways in which AWS writes an instant; always UTC. */
public final class AwsTime {
    private static final DateTimeFormatter BASIC =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private AwsTime() {}

    /** {@code 20261122T161433Z}, as in {@code X-Amz-Date}. */
    public static String basic(Instant instant) {
        return BASIC.format(instant);
    }

    /** {@code 2026-11-22T16:14:33.000Z}, as in S3's and EC2's XML; milliseconds as they are. */
    public static String iso(Instant instant) {
        return MILLIS.format(instant);
    }

    /** {@code 2026-11-22T16:14:33Z}. */
    public static String isoSeconds(Instant instant) {
        return SECONDS.format(instant.truncatedTo(ChronoUnit.SECONDS));
    }

    /** Reads {@link #basic}; null if the text is not of that form. */
    static @Nullable Instant parseBasic(String text) {
        try {
            return BASIC.parse(text, Instant::from);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** Reads the date of a {@code Date} field in RFC 1123 form, {@code -0000} for the zone included; else null. */
    static @Nullable Instant parseRfc1123(String text) {
        try {
            String zoned = text.endsWith(" -0000") ? text.substring(0, text.length() - 5) + "GMT" : text;
            return ZonedDateTime.parse(zoned, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
