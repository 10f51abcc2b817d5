package jarrah.machine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ids of users that machines may run as, one each; nobody else on this host uses them. The group of a machine has the
 * number of its user.
 *
 * @param first the smallest, at least 1
 * @param last the greatest, included
 */
public record UserRange(int first, int last) {
    /**
     * Above the ids of people, services, subordinate ids and containers: systemd ("Users, Groups, UIDs and GIDs on systemd
     * Systems") leaves 1879048192 and more to nobody.
     */
    public static final UserRange DEFAULT = new UserRange(1_880_000_000, 1_880_065_535);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,10})-([0-9]{1,10})");

    public UserRange {
        if (first < 1 || last < first || last == Integer.MAX_VALUE) {
            throw new IllegalArgumentException("not a range of user ids: " + first + "-" + last);
        }
    }

    /**
     * Reads {@code FIRST-LAST}.
     *
     * @throws IllegalArgumentException if it is no such range, with what is expected
     */
    public static UserRange parse(String text) {
        Matcher form = FORM.matcher(text);
        try {
            if (form.matches()) {
                return new UserRange(Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)));
            }
        } catch (NumberFormatException e) {
            // beyond what a user id can be; refused below
        }
        throw new IllegalArgumentException("not a range of user ids such as " + DEFAULT + ": " + text);
    }

    /** {@code FIRST-LAST}. */
    @Override
    public String toString() {
        return first + "-" + last;
    }
}
