package jarrah.s3.store;

/** Entity tags in conditions. */
final class ETags {
    private ETags() {}

    /** Whether a header's value, a list of tags or {@code *}, names the tag; S3's tags are always strong. */
    static boolean matches(String header, String etag) {
        if (header.strip().equals("*")) {
            return true;
        }
        for (String one : header.split(",")) {
            if (bare(one).equals(etag)) {
                return true;
            }
        }
        return false;
    }

    /** Without quotes and white space. */
    static String bare(String tag) {
        String text = tag.strip();
        if (text.startsWith("W/")) {
            text = text.substring(2);
        }
        boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
        return quoted ? text.substring(1, text.length() - 1) : text;
    }
}
