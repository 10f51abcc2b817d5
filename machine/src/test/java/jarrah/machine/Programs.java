package jarrah.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** The programs that a test needs; without them it is reported as not run, by name. */
final class Programs {
    private static final Path NOT_RUN = Path.of("target", "not-run.txt");

    private Programs() {}

    static void need(Class<?> test, String... programs) throws IOException {
        List<String> missing = List.of(programs).stream()
                .filter(program -> QemuPrograms.onPath(program).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            notRun(test.getSimpleName() + ": not installed: " + String.join(", ", missing));
        }
    }

    /** The test needs to be root. */
    static void needRoot(Class<?> test) throws IOException {
        if (!MachineUsers.root()) {
            notRun(test.getSimpleName() + ": only root can give machines users of their own");
        }
    }

    private static void notRun(String reason) throws IOException {
        Files.writeString(NOT_RUN, reason + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Assumptions.abort(reason);
    }
}
