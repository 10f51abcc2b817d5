package jarrah.machine;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs that this room starts, as they are on this host: what {@code doctor} shows.
 *
 * @param system version of {@code qemu-system-x86_64}; empty if it is missing or does not run
 * @param img version of {@code qemu-img}; likewise
 */
public record QemuPrograms(Optional<String> system, Optional<String> img) {
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final Pattern VERSION = Pattern.compile("version (\\S+)");

    /** Asks both programs. */
    public static QemuPrograms find() {
        return new QemuPrograms(version(QemuHypervisor.PROGRAM), version(QemuImg.PROGRAM));
    }

    /** Where a program lies on the PATH. */
    public static Optional<Path> onPath(String program) {
        String path = System.getenv("PATH");
        return path == null
                ? Optional.empty()
                : Pattern.compile(File.pathSeparator)
                        .splitAsStream(path)
                        .map(directory -> Path.of(directory, program))
                        .filter(Files::isExecutable)
                        .findFirst();
    }

    private static Optional<String> version(String program) {
        try {
            String said = new LimitedCommand(List.of(program, "--version"), ANSWER).succeed();
            Matcher version = VERSION.matcher(said);
            return version.find() ? Optional.of(version.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
