package jarrah.s3.wire;

import jarrah.s3.store.Limits;

/** Part numbers as requests have them: 1 to 10,000. */
final class PartNumbers {
    private PartNumbers() {}

    static int of(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= Limits.MAX_PARTS) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw refused(text);
        }
        throw refused(text);
    }

    private static S3WireException refused(String text) {
        return new S3WireException.InvalidArgument(
                "Part number must be an integer between 1 and 10000, inclusive", "partNumber", text);
    }
}
