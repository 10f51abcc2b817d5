package jarrah.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Bundling and unbundling an image, beside a pipeline of the usual tools that does the same work. */
final class Bundles {
    private static final long MIB = 1024 * 1024;
    private static final int EXTENTS = 16;
    private static final String KEY = "00112233445566778899aabbccddeeff";
    private static final String IV = "ffeeddccbbaa99887766554433221100";

    private final Path directory;
    private final long imageMib;
    private final int passes;
    private final String compressor;

    Bundles(Path directory, boolean quick) {
        this.directory = directory;
        this.imageMib = quick ? 96 : 1024;
        this.passes = quick ? 1 : 3;
        this.compressor = onPath("pigz") ? "pigz" : "gzip";
    }

    static boolean onPath(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    void run(Report report) throws IOException, InterruptedException {
        Path work = Files.createDirectories(directory.resolve("bundles"));
        shell(
                work,
                "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=bench -keyout '%1$s/pk.pem' -out '%1$s/cert.pem'"
                        .formatted(work));
        report.section(
                "Bundles of an image of " + imageMib + " MiB",
                ("Median of %d alternating passes. `jarrah image bundle` and `jarrah image unbundle` as a user calls them, the start of"
                                + " their JVM included; the pipeline is `tar --sparse | %2$s | openssl enc -aes-128-cbc | split`, then"
                                + " `sha1sum` of the parts, and back `sha1sum -c`, then `cat | openssl enc -d | %2$s -d | tar -x`. Both"
                                + " make parts of 10 MiB, and each image is compared with the original after it was unbundled. The dense image"
                                + " is the beginning of a tar of this host's /usr/bin, /usr/lib and JDK; of the sparse one a third is such"
                                + " data, in %3$d extents. CPU is user and system time of all processes. The ratio is the pipeline's wall"
                                + " time by Jarrah's: above 1 Jarrah is faster.")
                        .formatted(passes, compressor, EXTENTS));
        report.header(
                "",
                "wall, Jarrah",
                "wall, pipeline",
                "ratio",
                "CPU, Jarrah",
                "CPU, pipeline",
                "output, Jarrah",
                "pipeline");
        Path dense = dense(work);
        measure(report, "dense", dense, work);
        measure(report, "sparse", sparse(work, dense), work);
    }

    /** Real files, packed: the text, programs and padding of a real file system, the same bytes as long as the host is. */
    private Path dense(Path work) throws IOException, InterruptedException {
        Path image = work.resolve("dense.img");
        String home = System.getProperty("java.home");
        shell(
                work,
                ("while tar --sort=name --ignore-failed-read -P -cf - /usr/bin /usr/lib '%s' 2>/dev/null; do :; done"
                                + " | head -c %dM >'%s'")
                        .formatted(home, imageMib, image));
        if (Files.size(image) != imageMib * MIB) {
            throw new IOException("tar gave only " + Files.size(image) + " bytes for " + image);
        }
        return image;
    }

    private Path sparse(Path work, Path dense) throws IOException {
        Path image = work.resolve("sparse.img");
        long spacing = imageMib * MIB / EXTENTS;
        long length = spacing / 3 / 4096 * 4096;
        try (var from = FileChannel.open(dense);
                var to = FileChannel.open(image, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < EXTENTS; i++) {
                to.position(i * spacing);
                long end = i * spacing + length;
                for (long at = i * spacing; at < end; ) {
                    at += from.transferTo(at, end - at, to);
                }
            }
            // One byte at the end gives the file its size; all between is a hole.
            to.write(ByteBuffer.allocate(1), imageMib * MIB - 1);
        }
        return image;
    }

    private record Sides(List<TimedCommand.Cost> jarrah, List<TimedCommand.Cost> pipeline) {
        Sides() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    private void measure(Report report, String name, Path image, Path work) throws IOException, InterruptedException {
        var bundling = new Sides();
        var unbundling = new Sides();
        Path ours = work.resolve("jarrah-parts");
        Path theirs = work.resolve("pipeline-parts");
        long[] bytes = new long[2];
        for (int pass = 0; pass < passes; pass++) {
            shell(work, "rm -rf '%1$s' '%2$s'; mkdir '%1$s' '%2$s'".formatted(ours, theirs));
            bundling.jarrah().add(shell(work, jarrahBundle(image, work, ours)));
            bundling.pipeline().add(shell(work, pipelineBundle(image, theirs)));
            bytes[0] = bytes(ours);
            bytes[1] = bytes(theirs);
            unbundling.jarrah().add(unbundle(image, work, jarrahUnbundle(image, work, ours)));
            unbundling.pipeline().add(unbundle(image, work, pipelineUnbundle(work, theirs)));
        }
        row(report, "bundle, " + name, bundling, mb(bytes[0]), mb(bytes[1]));
        row(report, "unbundle, " + name, unbundling, "", "");
    }

    private static void row(Report report, String title, Sides sides, String jarrahOutput, String pipelineOutput) {
        double jarrah = wall(sides.jarrah());
        double pipeline = wall(sides.pipeline());
        report.row(
                title,
                Bench.number(jarrah) + " s",
                Bench.number(pipeline) + " s",
                "%.2f".formatted(pipeline / jarrah),
                Bench.number(cpu(sides.jarrah())) + " s",
                Bench.number(cpu(sides.pipeline())) + " s",
                jarrahOutput,
                pipelineOutput);
    }

    private static double wall(List<TimedCommand.Cost> costs) {
        return CpuMeter.median(
                costs.stream().map(TimedCommand.Cost::wallSeconds).toList());
    }

    private static double cpu(List<TimedCommand.Cost> costs) {
        return CpuMeter.median(costs.stream().map(TimedCommand.Cost::cpuSeconds).toList());
    }

    private static String mb(long bytes) {
        return Bench.number(bytes / 1e6) + " MB";
    }

    private static long bytes(Path parts) throws IOException {
        long sum = 0;
        try (var files = Files.newDirectoryStream(parts)) {
            for (Path file : files) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    private static String jarrahBundle(Path image, Path work, Path parts) {
        return "./jarrah image bundle -i '%1$s' -d '%3$s' -r x86_64 -u 123456789012 -k '%2$s/pk.pem' -c '%2$s/cert.pem' --ec2cert '%2$s/cert.pem'"
                .formatted(image, work, parts);
    }

    private static String jarrahUnbundle(Path image, Path work, Path parts) {
        return "./jarrah image unbundle -m '%1$s/%2$s.manifest.xml' -s '%1$s' -d '%3$s/out' -k '%3$s/pk.pem'"
                .formatted(parts, image.getFileName(), work);
    }

    private String pipelineBundle(Path image, Path parts) {
        return """
                tar --sparse -C '%1$s' -cf - '%2$s' | %3$s | openssl enc -aes-128-cbc -K %4$s -iv %5$s | split -b 10M - '%6$s/part.'
                cd '%6$s'
                sha1sum part.* >sums""".formatted(image.getParent(), image.getFileName(), compressor, KEY, IV, parts);
    }

    private String pipelineUnbundle(Path work, Path parts) {
        return """
                cd '%1$s'
                sha1sum --quiet -c sums
                cat part.* | openssl enc -d -aes-128-cbc -K %2$s -iv %3$s | %4$s -dc | tar -xf - -C '%5$s/out'""".formatted(parts, KEY, IV, compressor, work);
    }

    /** Times one way back, and then, untimed, that the image came out as it went in. */
    private TimedCommand.Cost unbundle(Path image, Path work, String script) throws IOException, InterruptedException {
        shell(work, "rm -rf '%1$s'; mkdir '%1$s'".formatted(work.resolve("out")));
        TimedCommand.Cost cost = shell(work, script);
        shell(work, "cmp '%s' '%s'".formatted(image, work.resolve("out").resolve(image.getFileName())));
        return cost;
    }

    private static TimedCommand.Cost shell(Path work, String script) throws IOException, InterruptedException {
        return TimedCommand.run(script, work.resolve("shell.log"), Map.of());
    }
}
