package jarrah.accelerator.rules;

import org.jspecify.annotations.Nullable;

/** What a client would rather have: the weights of a field's members, in thousandths (RFC 9110, 12.4.2). */
public final class Weights {
    /** The field does not name it. */
    public static final int UNNAMED = -1;

    private static final int MOST = 1_000;

    private Weights() {}

    /**
     * The weight that a field such as Accept or Accept-Encoding gives to a member.
     *
     * @param field null if it was not sent
     * @param member in lower case
     * @return 0, not acceptable, to 1,000; {@link #UNNAMED} if the member is not in the field. A weight that is none counts
     *     as 0
     */
    public static int of(@Nullable String field, String member) {
        if (field == null) {
            return UNNAMED;
        }
        for (int start = 0; start <= field.length(); ) {
            int comma = field.indexOf(',', start);
            int end = comma < 0 ? field.length() : comma;
            int semicolon = field.indexOf(';', start);
            int nameEnd = semicolon < 0 || semicolon > end ? end : semicolon;
            if (field.substring(start, nameEnd).strip().equalsIgnoreCase(member)) {
                return weight(field.substring(nameEnd, end));
            }
            start = end + 1;
        }
        return UNNAMED;
    }

    /** @param parameters each behind a semicolon */
    private static int weight(String parameters) {
        for (String parameter : parameters.split(";")) {
            String text = parameter.strip();
            if (text.regionMatches(true, 0, "q=", 0, 2)) {
                return thousandths(text.substring(2));
            }
        }
        return MOST;
    }

    private static int thousandths(String text) {
        if (!text.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?")) {
            return 0;
        }
        String digits = text.substring(Math.min(2, text.length())) + "000";
        return (text.charAt(0) - '0') * MOST + Integer.parseInt(digits.substring(0, 3));
    }
}
