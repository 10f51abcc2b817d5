package jarrah.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Processor time and memory of a process and its descendants, from {@code /proc} (proc(5)). */
final class CpuMeter {
    /** Clock ticks a second; 100 on every Linux that we know. */
    private static final long TICKS_PER_SECOND = 100;

    private CpuMeter() {}

    /** User and system time so far, seconds. */
    static double cpuSeconds(Process process) {
        return tree(process).mapToLong(pid -> ticks(pid, 2)).sum() / (double) TICKS_PER_SECOND;
    }

    /** User and system time of one process so far, seconds. */
    static double cpuSeconds(long pid) {
        return ticks(pid, 2) / (double) TICKS_PER_SECOND;
    }

    /** User and system time of one process and of those of its children that have ended, seconds. */
    static double cpuSecondsWithEnded(Process process) {
        return ticks(process.pid(), 4) / (double) TICKS_PER_SECOND;
    }

    /** Resident memory of one process, MiB. */
    static double residentMib(long pid) {
        return residentKib(pid) / 1024.0;
    }

    /** The middle one of some figures, the higher of two. */
    static double median(List<Double> figures) {
        return figures.stream().sorted().toList().get(figures.size() / 2);
    }

    /** Resident memory, MiB. */
    static double residentMib(Process process) {
        return tree(process).mapToLong(CpuMeter::residentKib).sum() / 1024.0;
    }

    private static Stream<Long> tree(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid);
    }

    /** Sum of the first fields of: user, system, user of ended children, system of ended children. */
    private static long ticks(long pid, int fieldCount) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        // The second field is the command's name in parentheses and may hold blanks.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return stat.isEmpty()
                ? 0
                : Arrays.stream(fields, 11, 11 + fieldCount)
                        .mapToLong(Long::parseLong)
                        .sum();
    }

    private static long residentKib(long pid) {
        return read(Path.of("/proc", Long.toString(pid), "status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            if (Files.exists(file)) {
                throw new UncheckedIOException(e);
            }
            return "";
        }
    }
}
