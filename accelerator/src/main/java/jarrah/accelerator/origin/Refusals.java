package jarrah.accelerator.origin;

/** What people read in place of an answer. */
public final class Refusals {
    private Refusals() {}

    /** A line that ends in a line break. */
    public static String text(int status) {
        String reason = switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 412 -> "Precondition Failed";
            case 416 -> "Range Not Satisfiable";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> status < 500 ? "Refused" : "Failed";
        };
        return status + " " + reason + "\n";
    }
}
