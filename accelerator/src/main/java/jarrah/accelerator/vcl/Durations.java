package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.Vcl.Expression;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations of VCL, such as {@code 1.5h} or {@code 1w}. */
final class Durations {
    private static final Pattern DURATION = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h|d|w|y)");

    private Durations() {}

    /** As a configuration has it; empty if the value is no plain duration. */
    static Optional<String> of(Expression value) {
        if (!(value instanceof Expression.Name(var text))) {
            return Optional.empty();
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(2);
        if (matcher.group(1).indexOf('.') < 0 && !unit.equals("w") && !unit.equals("y")) {
            return Optional.of(text);
        }
        double seconds = switch (unit) {
            case "ms" -> 0.001;
            case "s" -> 1;
            case "m" -> 60;
            case "h" -> 3_600;
            case "d" -> 86_400;
            case "w" -> 7 * 86_400;
            default -> 365 * 86_400;
        };
        long millis = Math.round(Double.parseDouble(matcher.group(1)) * seconds * 1_000);
        return Optional.of(millis % 86_400_000 == 0 ? millis / 86_400_000 + "d" : millis + "ms");
    }
}
