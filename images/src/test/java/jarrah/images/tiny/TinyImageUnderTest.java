package jarrah.images.tiny;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Assumptions;

/** The tiny image, built once for all tests, outside {@code target} so that a clean build keeps it. */
final class TinyImageUnderTest {
    static final Path CACHE =
            Path.of(System.getProperty("jarrah.tiny", System.getProperty("user.home") + "/.cache/jarrah-test/tiny"));

    private static final Path NOT_RUN = Path.of("target", "not-run.txt");
    private static String failure = "";

    private TinyImageUnderTest() {}

    /** Where it cannot be built, the test is reported as not run, with the reason. */
    static synchronized TinyImage get() throws IOException, InterruptedException {
        if (failure.isEmpty()) {
            try {
                return TinyImage.build(CACHE, System.err::println);
            } catch (IOException e) {
                failure = String.valueOf(e.getMessage());
            }
        }
        notRun("the tiny image: " + failure);
        throw new AssertionError("unreachable");
    }

    static void notRun(String reason) throws IOException {
        Files.writeString(NOT_RUN, reason + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        Assumptions.abort(reason);
    }
}
