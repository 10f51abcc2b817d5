package jarrah.accelerator.rules;

import jarrah.http.HttpDate;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Dates of stored messages: RFC 9111, 4.2 asks a cache to read them without regard to case, and to refuse all but GMT. */
final class CacheDates {
    /** What a date counts as that is missing or cannot be read. */
    static final long INVALID = Long.MIN_VALUE;

    private CacheDates() {}

    /** Milliseconds of the epoch; {@link #INVALID} if the text is missing or is not a date. */
    static long parse(@Nullable String text, long nowMillis) {
        if (text == null) {
            return INVALID;
        }
        Instant now = Instant.ofEpochMilli(nowMillis);
        return HttpDate.parse(text.strip(), now)
                .or(() -> HttpDate.parse(usualCase(text.strip()), now))
                .map(Instant::toEpochMilli)
                .orElse(INVALID);
    }

    /** Each word as HTTP writes it: {@code THU, 18 aug 2050 02:01:18 gmt} becomes {@code Thu, 18 Aug 2050 02:01:18 GMT}. */
    private static String usualCase(String text) {
        var result = new StringBuilder(text.toLowerCase(Locale.ROOT));
        for (int i = 0; i < result.length(); i++) {
            char c = result.charAt(i);
            boolean starts = i == 0 || !Character.isLetter(text.charAt(i - 1));
            if (starts && c >= 'a' && c <= 'z') {
                result.setCharAt(i, (char) (c - 'a' + 'A'));
            }
        }
        String cased = result.toString();
        return cased.endsWith(" Gmt") ? cased.substring(0, cased.length() - 3) + "GMT" : cased;
    }
}
