package jarrah.http;

/** The character classes of RFC 9110, 5.6.2 (token) and 5.5 (field value), as tables. */
final class Grammar {
    private static final boolean[] TOKEN = new boolean[256];
    private static final boolean[] VALUE = new boolean[256];

    static {
        for (int c = 0; c < 256; c++) {
            boolean alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            TOKEN[c] = alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
            VALUE[c] = c == '\t' || (c >= ' ' && c != 0x7f); // obs-text (0x80 and up) is allowed, controls are not
        }
    }

    private Grammar() {}

    static boolean isTokenByte(byte b) {
        return TOKEN[b & 0xff];
    }

    static boolean isTokenChar(char c) {
        return c < 256 && TOKEN[c];
    }

    static boolean isValueByte(byte b) {
        return VALUE[b & 0xff];
    }

    static boolean isValueChar(char c) {
        return c < 256 && VALUE[c];
    }

    static boolean isToken(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /**
     * A non-negative decimal number of at most 18 digits, digits alone.
     *
     * @return the number; -1 if the text is anything else
     */
    static long digits(String text) {
        if (text.isEmpty() || text.length() > 18) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = 10 * number + (c - '0');
        }
        return number;
    }

    /** Whether a comma-separated list of tokens holds that one, in any case. */
    static boolean listHolds(String list, String token) {
        int start = 0;
        while (start <= list.length()) {
            int comma = list.indexOf(',', start);
            int end = comma < 0 ? list.length() : comma;
            if (list.substring(start, end).strip().equalsIgnoreCase(token)) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }
}
