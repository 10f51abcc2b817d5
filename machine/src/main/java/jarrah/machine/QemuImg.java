package jarrah.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program {@code qemu-img}. Formats are always named, never guessed: a raw disk's first bytes are its guest's to write,
 * and a guest that wrote the header of another format there could make us open any file of the host.
 */
public final class QemuImg {
    static final String PROGRAM = "qemu-img";

    private static final Pattern PERCENT = Pattern.compile("\\(([0-9]{1,3})\\.[0-9]+/100%\\)");
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration QUICK = Duration.ofMinutes(1);

    /** A whole copy: 2 TiB at some 50 MB/s, above which something stands still. */
    private static final Duration COPY = Duration.ofHours(12);

    /** For reading a stranger's header: its address space, of which threads' stacks and heaps take most, and its time. */
    private static final long HEADER_MEMORY_BYTES = 2L << 30;

    private static final long HEADER_CPU_SECONDS = 10;

    /**
     * What a disk's header says.
     *
     * @param virtualBytes the size that a guest sees
     * @param actualBytes what the file takes on the host's disk
     * @param backing the file that it is an overlay of, as it is written in the header
     * @param dataFile the file beside it that holds its data
     */
    public record Info(
            String format,
            long virtualBytes,
            long actualBytes,
            Optional<String> backing,
            Optional<String> backingFormat,
            Optional<String> dataFile,
            boolean encrypted) {}

    /** Makes an empty disk. */
    public void create(Path file, MachineSpec.DiskFormat format, long virtualBytes)
            throws IOException, InterruptedException {
        quick(List.of("create", "-q", "-f", name(format), path(file), String.valueOf(virtualBytes)));
    }

    /**
     * Makes a qcow2 overlay: it reads as the backing file until it is written to. At once, whatever the size.
     *
     * @param backing is not changed by it, and must not be changed by others as long as the overlay is used
     * @param virtualBytes larger than the backing file, to grow; empty for the same size
     */
    public void overlay(Path file, Path backing, MachineSpec.DiskFormat backingFormat, OptionalLong virtualBytes)
            throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of("create", "-q", "-f", "qcow2"));
        words.addAll(List.of("-b", path(backing), "-F", name(backingFormat), path(file)));
        virtualBytes.ifPresent(bytes -> words.add(String.valueOf(bytes)));
        quick(words);
    }

    /**
     * Copies a disk, with all that it is an overlay of, into a file of its own; zeroes become holes. The target is on
     * stable storage when this returns.
     *
     * @throws IOException if it fails; the target is removed
     */
    public void convert(
            Path from,
            MachineSpec.DiskFormat fromFormat,
            Path to,
            MachineSpec.DiskFormat toFormat,
            CopyProgress progress)
            throws IOException, InterruptedException {
        // The default cache mode of a target, `unsafe`, leaves the data to the page cache.
        var words = new ArrayList<>(List.of(PROGRAM, "convert", "-p", "-t", "writeback"));
        words.addAll(List.of("-f", name(fromFormat), "-O", name(toFormat)));
        words.addAll(List.of(path(from), path(to)));
        boolean done = false;
        try {
            new LimitedCommand(words, COPY)
                    .watch(lately -> progress.at(percent(lately)))
                    .succeed();
            done = true;
        } finally {
            if (!done) {
                Files.deleteIfExists(to);
            }
        }
    }

    /** The last percentage that the program has printed, as {@code (12.34/100%)}. */
    static int percent(String lately) {
        Matcher matcher = PERCENT.matcher(lately);
        int percent = 0;
        while (matcher.find()) {
            percent = Integer.parseInt(matcher.group(1));
        }
        return Math.min(percent, 100);
    }

    /** Makes a disk larger. The file system in it is its guest's to grow. */
    public void grow(Path file, MachineSpec.DiskFormat format, long virtualBytes)
            throws IOException, InterruptedException {
        quick(List.of("resize", "-q", "-f", name(format), path(file), String.valueOf(virtualBytes)));
    }

    /**
     * Reads a disk's header, also of one that a machine has open, in a process with bounded memory and time.
     *
     * <p>A qcow2 file from a stranger must have passed {@link Qcow2Header#requireSelfContained} before: some versions of
     * the program open the data file that the header names, whatever file that is.
     */
    public Info info(Path file, MachineSpec.DiskFormat format) throws IOException, InterruptedException {
        var words = List.of(PROGRAM, "info", "-U", "-f", name(format), "--output=json", path(file));
        String said = LimitedCommand.confined(words, QUICK, HEADER_MEMORY_BYTES, HEADER_CPU_SECONDS)
                .succeed();
        try {
            JsonNode info = JSON.readTree(said);
            JsonNode specific = info.path("format-specific").path("data");
            return new Info(
                    info.path("format").asString(""),
                    info.path("virtual-size").asLong(),
                    info.path("actual-size").asLong(),
                    text(info.path("backing-filename")),
                    text(info.path("backing-filename-format")),
                    text(specific.path("data-file")),
                    info.path("encrypted").asBoolean(false));
        } catch (JacksonException e) {
            throw new IOException("qemu-img said what is not JSON", e);
        }
    }

    private static void quick(List<String> words) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(words);
        new LimitedCommand(command, QUICK).succeed();
    }

    private static Optional<String> text(JsonNode node) {
        return node.isString() ? Optional.of(node.asString()) : Optional.empty();
    }

    private static String name(MachineSpec.DiskFormat format) {
        return DiskDevice.format(format);
    }

    /** Absolute, so that no name can be taken for an option or, by a colon, for another protocol. */
    private static String path(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }
}
