package jarrah.http;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Dates of HTTP (RFC 9110, 5.6.7): written as IMF-fixdate, read in all three forms.
 *
 * <p>Reading is strict in form (case, digits, GMT) except that a weekday's name is not checked against the date; years of
 * two digits count as RFC 9110 says, at most 50 years ahead.
 */
public final class HttpDate {
    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    private static final String[] LONG_DAYS = {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
    };
    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };

    /** The current second as text, made once a second. */
    private record Now(long second, String text, byte[] line) {}

    private static volatile Now now = new Now(Long.MIN_VALUE, "", new byte[0]);

    private HttpDate() {}

    /** For example {@code Sun, 06 Nov 1994 08:49:37 GMT}; fractions of a second are cut. */
    public static String format(Instant instant) {
        var time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
        var text = new StringBuilder(29);
        text.append(DAYS[time.getDayOfWeek().getValue() - 1]).append(", ");
        two(text, time.getDayOfMonth()).append(' ').append(MONTHS[time.getMonthValue() - 1]);
        text.append(' ');
        two(text, time.getYear() / 100);
        two(text, time.getYear() % 100).append(' ');
        two(text, time.getHour()).append(':');
        two(text, time.getMinute()).append(':');
        return two(text, time.getSecond()).append(" GMT").toString();
    }

    /** The system's time as a date. */
    public static String now() {
        return current().text;
    }

    /** The line {@code Date: ...} with its CR LF for the system's time; not to be changed. */
    static byte[] nowLine() {
        return current().line;
    }

    private static Now current() {
        long second = Math.floorDiv(System.currentTimeMillis(), 1000L);
        Now cached = now;
        if (cached.second != second) {
            String text = format(Instant.ofEpochSecond(second));
            cached = new Now(second, text, ("Date: " + text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            now = cached;
        }
        return cached;
    }

    private static StringBuilder two(StringBuilder text, int number) {
        return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }

    /**
     * Reads a date.
     *
     * @param now decides the century of years with two digits
     * @return empty if the text is not a date in one of the three forms
     */
    public static Optional<Instant> parse(String text, Instant now) {
        try {
            int comma = text.indexOf(',');
            if (comma == 3 && isOneOf(text.substring(0, 3), DAYS)) {
                return fixdate(text);
            }
            if (comma > 3 && isOneOf(text.substring(0, comma), LONG_DAYS)) {
                return rfc850(text.substring(comma + 1), now);
            }
            return comma < 0 && text.length() == 24 && isOneOf(text.substring(0, 3), DAYS)
                    ? asctime(text)
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty(); // a 31st of February
        }
    }

    /** As {@link #parse(String, Instant)} at the system's time. */
    public static Optional<Instant> parse(String text) {
        return parse(text, Instant.now());
    }

    /** {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
    private static Optional<Instant> fixdate(String text) {
        if (text.length() != 29
                || !separators(text, 4, ' ', 7, ' ', 11, ' ', 16, ' ', 25, ' ')
                || !text.endsWith("GMT")) {
            return Optional.empty();
        }
        return instant(number(text, 12, 16), month(text, 8), number(text, 5, 7), text, 17);
    }

    /** {@code  06-Nov-94 08:49:37 GMT}, after the comma. */
    private static Optional<Instant> rfc850(String text, Instant now) {
        if (text.length() != 23
                || !separators(text, 0, ' ', 3, '-', 7, '-', 10, ' ', 19, ' ')
                || !text.endsWith("GMT")) {
            return Optional.empty();
        }
        int twoDigits = number(text, 8, 10);
        int thisYear = now.atOffset(ZoneOffset.UTC).getYear();
        int year = thisYear - thisYear % 100 + twoDigits;
        if (year > thisYear + 50) {
            year -= 100;
        }
        return twoDigits < 0 ? Optional.empty() : instant(year, month(text, 4), number(text, 1, 3), text, 11);
    }

    /** {@code Sun Nov  6 08:49:37 1994}. */
    private static Optional<Instant> asctime(String text) {
        if (!separators(text, 3, ' ', 7, ' ', 10, ' ', 19, ' ')) {
            return Optional.empty();
        }
        int day = text.charAt(8) == ' ' ? number(text, 9, 10) : number(text, 8, 10);
        return instant(number(text, 20, 24), month(text, 4), day, text, 11);
    }

    private static Optional<Instant> instant(int year, int month, int day, String text, int timeAt) {
        int hour = number(text, timeAt, timeAt + 2);
        int minute = number(text, timeAt + 3, timeAt + 5);
        int second = number(text, timeAt + 6, timeAt + 8);
        if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) {
            return Optional.empty();
        }
        if (!separators(text, timeAt + 2, ':', timeAt + 5, ':')) {
            return Optional.empty();
        }
        boolean leapSecond = second == 60; // the grammar has it; the day's last second stands for it
        var time = LocalTime.of(hour, minute, leapSecond ? 59 : second);
        return Optional.of(LocalDate.of(year, month, day).atTime(time).toInstant(ZoneOffset.UTC));
    }

    private static boolean isOneOf(String text, String[] names) {
        for (String name : names) {
            if (name.equals(text)) {
                return true;
            }
        }
        return false;
    }

    private static int month(String text, int at) {
        for (int i = 0; i < MONTHS.length; i++) {
            if (text.startsWith(MONTHS[i], at)) {
                return i + 1;
            }
        }
        return -1;
    }

    private static int number(String text, int from, int to) {
        return (int) Grammar.digits(text.substring(from, to));
    }

    /** Whether each character stands at the offset before it. */
    private static boolean separators(String text, int... offsetsAndCharacters) {
        for (int i = 0; i < offsetsAndCharacters.length; i += 2) {
            if (text.charAt(offsetsAndCharacters[i]) != offsetsAndCharacters[i + 1]) {
                return false;
            }
        }
        return true;
    }
}
