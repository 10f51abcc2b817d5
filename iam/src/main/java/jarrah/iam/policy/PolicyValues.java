package jarrah.iam.policy;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers and dates as policies spell them. */
final class PolicyValues {
    // No exponents: a short text must not stand for a number that takes long to handle.
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,40}(\\.[0-9]{1,40})?");
    private static final Pattern EPOCH = Pattern.compile("[0-9]{5,12}(\\.[0-9]{1,9})?");
    private static final Pattern OFFSET = Pattern.compile(".*(Z|[+-][0-9]{2}:?[0-9]{2})");

    private PolicyValues() {}

    /** A decimal number; null if it is none. */
    static @Nullable BigDecimal number(String text) {
        return NUMBER.matcher(text).matches() ? new BigDecimal(text) : null;
    }

    /** A moment in one of W3C's profiles of ISO 8601, or in seconds since 1970; null if it is none. */
    static @Nullable Instant instant(String text) {
        if (EPOCH.matcher(text).matches()) {
            int point = text.indexOf('.');
            return Instant.ofEpochSecond(Long.parseLong(point < 0 ? text : text.substring(0, point)));
        }
        try {
            return switch (text.length()) {
                case 4 ->
                    LocalDate.of(Integer.parseInt(text), 1, 1)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant();
                case 7 ->
                    YearMonth.parse(text).atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
                case 10 -> LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
                default -> moment(text);
            };
        } catch (DateTimeException | NumberFormatException e) {
            return null;
        }
    }

    private static Instant moment(String text) {
        return OFFSET.matcher(text).matches()
                ? OffsetDateTime.parse(text).toInstant()
                : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    }
}
