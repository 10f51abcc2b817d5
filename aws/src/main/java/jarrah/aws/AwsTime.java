package jarrah.aws;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which AWS writes an instant; always UTC. Every signed request reads and writes some and a listing writes a
 * thousand, so the usual ones go without the formatters, which know the unusual ones: years of other than four digits,
 * days that not every month has.
 */
public final class AwsTime {
    private static final DateTimeFormatter BASIC = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .withResolverStyle(ResolverStyle.STRICT);
    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter IMF = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private static final Set<String> WEEKDAYS = Set.of("Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, ");

    private static final long SECONDS_OF_DAY = 86_400;

    private AwsTime() {}

    /** {@code 20261122T161433Z}, as in {@code X-Amz-Date}. */
    public static String basic(Instant instant) {
        LocalDate day = day(instant);
        if (!fourDigits(day.getYear())) {
            return BASIC.format(instant);
        }
        byte[] text = "uuuuMMddTHHmmssZ".getBytes(ISO_8859_1);
        digits(text, 0, 4, day.getYear());
        digits(text, 4, 2, day.getMonthValue());
        digits(text, 6, 2, day.getDayOfMonth());
        int second = secondOfDay(instant);
        digits(text, 9, 2, second / 3_600);
        digits(text, 11, 2, second / 60 % 60);
        digits(text, 13, 2, second % 60);
        return new String(text, ISO_8859_1);
    }

    /** {@code 2026-11-22T16:14:33.000Z}, as in S3's and EC2's XML; milliseconds as they are. */
    public static String iso(Instant instant) {
        LocalDate day = day(instant);
        if (!fourDigits(day.getYear())) {
            return MILLIS.format(instant);
        }
        byte[] text = "uuuu-MM-ddTHH:mm:ss.SSSZ".getBytes(ISO_8859_1);
        digits(text, 0, 4, day.getYear());
        digits(text, 5, 2, day.getMonthValue());
        digits(text, 8, 2, day.getDayOfMonth());
        int second = secondOfDay(instant);
        digits(text, 11, 2, second / 3_600);
        digits(text, 14, 2, second / 60 % 60);
        digits(text, 17, 2, second % 60);
        digits(text, 20, 3, instant.get(ChronoField.MILLI_OF_SECOND));
        return new String(text, ISO_8859_1);
    }

    private static LocalDate day(Instant instant) {
        return LocalDate.ofEpochDay(Math.floorDiv(instant.getEpochSecond(), SECONDS_OF_DAY));
    }

    private static int secondOfDay(Instant instant) {
        return (int) Math.floorMod(instant.getEpochSecond(), SECONDS_OF_DAY);
    }

    private static boolean fourDigits(int year) {
        return year >= 1_000 && year <= 9_999;
    }

    /** Writes a number with leading zeros into its place. */
    private static void digits(byte[] text, int from, int count, int value) {
        int left = value;
        for (int at = from + count - 1; at >= from; at--) {
            text[at] = (byte) ('0' + left % 10);
            left /= 10;
        }
    }

    /** {@code 2026-11-22T16:14:33Z}. */
    public static String isoSeconds(Instant instant) {
        return SECONDS.format(instant.truncatedTo(ChronoUnit.SECONDS));
    }

    /** Reads {@link #basic}; null if the text is not of that form. */
    static @Nullable Instant parseBasic(String text) {
        Instant usual = parseUsual(text);
        return usual != null ? usual : parseUnusual(text);
    }

    /** Null for what is not of the form, or is so only by the formatter's leniency. */
    private static @Nullable Instant parseUsual(String text) {
        if (text.length() != 16 || text.charAt(8) != 'T' || text.charAt(15) != 'Z') {
            return null;
        }
        int year = number(text, 0, 4);
        int month = number(text, 4, 6);
        int day = number(text, 6, 8);
        int hour = number(text, 9, 11);
        int minute = number(text, 11, 13);
        int second = number(text, 13, 15);
        boolean date = year >= 1_000 && month >= 1 && month <= 12 && day >= 1 && day <= 28;
        boolean time = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
        if (!date || !time) {
            return null;
        }
        long days = LocalDate.of(year, month, day).toEpochDay();
        return Instant.ofEpochSecond(days * SECONDS_OF_DAY + hour * 3_600L + minute * 60L + second);
    }

    /** The digits as a number; -1 if one of them is none. */
    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static @Nullable Instant parseUnusual(String text) {
        try {
            return BASIC.parse(text, Instant::from);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** {@code Sun, 22 Nov 2026 16:14:33 GMT}, as in header fields (RFC 9110, 5.6.7). */
    public static String rfc1123(Instant instant) {
        return IMF.format(instant);
    }

    /**
     * Reads the date of a {@code Date} field in RFC 1123 form, {@code -0000} for the zone included; else null. A weekday's
     * name is not held against the date.
     */
    static @Nullable Instant parseRfc1123(String text) {
        try {
            boolean named = text.length() > 5 && WEEKDAYS.contains(text.substring(0, 5));
            String date = named ? text.substring(5) : text;
            String zoned = date.endsWith(" -0000") ? date.substring(0, date.length() - 5) + "GMT" : date;
            return ZonedDateTime.parse(zoned, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
