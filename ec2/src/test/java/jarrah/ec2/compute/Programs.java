package jarrah.ec2.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Assumptions;

/** Programs that tests run. Where one is missing, the test is reported as not run, by name. */
public final class Programs {
    private static final Path NOT_RUN = Path.of("target", "not-run.txt");

    private Programs() {}

    public static void require(String program, String test) {
        for (String place : System.getenv("PATH").split(":")) {
            if (!place.isEmpty() && Files.isExecutable(Path.of(place, program))) {
                return;
            }
        }
        try {
            Files.createDirectories(NOT_RUN.toAbsolutePath().getParent());
            Files.writeString(
                    NOT_RUN,
                    test + ": " + program + " is not installed\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Assumptions.abort(program + " is not installed");
    }
}
