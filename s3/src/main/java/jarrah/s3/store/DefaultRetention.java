package jarrah.s3.store;

import java.time.Instant;
import java.time.ZoneOffset;

/**
 * What a bucket with object lock gives to each new version that names no retention of its own.
 *
 * @param days 0 if it is in years
 * @param years 0 if it is in days
 */
public record DefaultRetention(Retention.Mode mode, int days, int years) {
    /** The longest, days: 100 years, as with AWS. */
    public static final int MAX_DAYS = 36_500;
    /** The longest, years. */
    public static final int MAX_YEARS = 100;

    /** The retention of what is put now. */
    Retention from(Instant now) {
        Instant until =
                now.atZone(ZoneOffset.UTC).plusYears(years).plusDays(days).toInstant();
        return new Retention(mode, until);
    }
}
