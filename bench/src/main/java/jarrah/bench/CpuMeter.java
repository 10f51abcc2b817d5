package jarrah.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Processor time and memory of a process and its descendants, from {@code /proc} (proc(5)). */
final class CpuMeter {
    /** Clock ticks a second; 100 on every Linux that we know. */
    private static final long TICKS_PER_SECOND = 100;

    private CpuMeter() {}

    /** User and system time so far, seconds. */
    static double cpuSeconds(Process process) {
        return tree(process).mapToLong(CpuMeter::ticks).sum() / (double) TICKS_PER_SECOND;
    }

    /** Resident memory, MiB. */
    static double residentMib(Process process) {
        return tree(process).mapToLong(CpuMeter::residentKib).sum() / 1024.0;
    }

    private static Stream<Long> tree(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid);
    }

    private static long ticks(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        // The second field is the command's name in parentheses and may hold blanks.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return stat.isEmpty() ? 0 : Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
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
