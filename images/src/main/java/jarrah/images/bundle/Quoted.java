package jarrah.images.bundle;

/** A word from outside, made fit for a line of text: bounded, and without control characters. */
final class Quoted {
    private static final int MAX_LENGTH = 80;

    private Quoted() {}

    static String of(String word) {
        String shown = word.length() > MAX_LENGTH ? word.substring(0, MAX_LENGTH) + "..." : word;
        return "\"" + shown.replaceAll("\\p{Cntrl}", "?") + "\"";
    }
}
