package jarrah.cli.image;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds the files of keys and certificates: by option, else by the environment that {@code jarrahrc} sets. */
final class KeyFiles {
    private KeyFiles() {}

    static Path find(@Nullable Path given, Surroundings around, String what, String option, String variable) {
        if (given != null) {
            return given;
        }
        return around.variable(variable)
                .map(Path::of)
                .orElseThrow(() -> new CommandFailed(what + " is needed: give " + option + ", or set " + variable));
    }
}
