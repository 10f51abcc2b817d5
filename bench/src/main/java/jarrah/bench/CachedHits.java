package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Processor time per hit of a cache: Jarrah's accelerator, nginx with proxy_cache, Varnish; and per GET of the store. */
final class CachedHits {
    private static final int CONNECTIONS = 16;

    private final Servers servers;
    private final Path directory;
    private final int seconds;
    private final int passes;

    CachedHits(Servers servers, Path directory, boolean quick) {
        this.servers = servers;
        this.directory = directory;
        this.seconds = quick ? 1 : 2;
        this.passes = quick ? 1 : 3;
    }

    /** A size of object under measurement. */
    private record Size(String name, int bytes) {}

    private static final List<Size> SIZES =
            List.of(new Size("1k", 1_024), new Size("16k", 16_384), new Size("1m", 1_048_576));

    /** Somebody who answers. */
    private record Target(Process process, String base) {}

    void run(Report report) throws IOException, InterruptedException {
        Path root = Files.createDirectories(directory.resolve("files"));
        var random = new Random(1);
        for (Size size : SIZES) {
            byte[] bytes = new byte[size.bytes()];
            random.nextBytes(bytes);
            Files.write(root.resolve(size.name()), bytes);
        }
        int origin = Servers.freePort();
        Process files = servers.nginxStatic(origin, root);
        var targets = new LinkedHashMap<String, Target>();
        targets.put("nginx, static files", new Target(files, "http://127.0.0.1:" + origin + "/"));
        int nginx = Servers.freePort();
        targets.put(
                "nginx, proxy_cache",
                new Target(
                        servers.nginxCache("nginx-cache", nginx, origin, 1024, true),
                        "http://127.0.0.1:" + nginx + "/"));
        int varnish = Servers.freePort();
        targets.put(
                "Varnish",
                new Target(servers.varnish("varnish", varnish, origin, 256), "http://127.0.0.1:" + varnish + "/"));
        for (String verify : List.of("always", "first-read", "scrub")) {
            addJarrah(verify, root, targets);
        }
        measure(report, targets);
        for (Target target : targets.values()) {
            if (target.process().isAlive()) {
                servers.stop(target.process());
            }
        }
    }

    private void addJarrah(String verify, Path root, Map<String, Target> targets) throws IOException {
        Path config = Files.writeString(directory.resolve("hits-" + verify + ".yaml"), """
                storage: {verify: %s}
                accelerator:
                  sites:
                    - {name: bucket, path: /bucket/, origin: {bucket: hits}}
                """.formatted(verify));
        Servers.Jarrah jarrah = servers.jarrah("hits-" + verify, config);
        try (var load = new S3Load(jarrah.api())) {
            load.put("/hits", new byte[0]);
            for (Size size : SIZES) {
                load.put(
                        "/hits/" + size.name(),
                        Files.readAllBytes(root.resolve(size.name())),
                        "x-amz-acl",
                        "public-read");
            }
        }
        String base = "http://127.0.0.1:" + jarrah.accelerator();
        targets.put("Jarrah, verify " + verify + ": hit on a bucket", new Target(jarrah.process(), base + "/bucket/"));
        targets.put(
                "Jarrah, verify " + verify + ": S3 GET, no cache",
                new Target(jarrah.process(), "http://127.0.0.1:" + jarrah.api() + "/hits/"));
    }

    private void measure(Report report, Map<String, Target> targets) throws IOException, InterruptedException {
        var micros = new LinkedHashMap<String, List<List<Double>>>();
        var p99 = new LinkedHashMap<String, List<Double>>();
        for (Size size : SIZES) {
            for (Map.Entry<String, Target> entry : targets.entrySet()) {
                Wrk.get(entry.getValue().base() + size.name(), CONNECTIONS, 1);
            }
        }
        for (int pass = 0; pass < passes; pass++) {
            for (int s = 0; s < SIZES.size(); s++) {
                for (Map.Entry<String, Target> entry : targets.entrySet()) {
                    Process process = entry.getValue().process();
                    double before = CpuMeter.cpuSeconds(process);
                    Wrk.Run run = Wrk.get(entry.getValue().base() + SIZES.get(s).name(), CONNECTIONS, seconds);
                    double each = (CpuMeter.cpuSeconds(process) - before) / run.requests() * 1e6;
                    List<List<Double>> sizes = micros.computeIfAbsent(entry.getKey(), _ -> new ArrayList<>());
                    while (sizes.size() <= s) {
                        sizes.add(new ArrayList<>());
                    }
                    sizes.get(s).add(each);
                    if (s == 0) {
                        p99.computeIfAbsent(entry.getKey(), _ -> new ArrayList<>())
                                .add(run.p99Micros());
                    }
                }
            }
        }
        report.section(
                "GETs",
                "Microseconds of the server's CPU for each answer: the median of " + passes + " alternating passes of "
                        + seconds
                        + " s, after a second of warming. All bodies are in memory, or in the page cache. The last column is the 99th percentile of"
                        + " the time to answer 1 KB, microseconds.");
        report.header("", "1 KB", "16 KB", "1 MB", "p99, 1 KB");
        micros.forEach((name, sizes) -> report.row(
                name,
                Bench.number(median(sizes.get(0))),
                Bench.number(median(sizes.get(1))),
                Bench.number(median(sizes.get(2))),
                Bench.number(median(p99.getOrDefault(name, List.of(0.0))))));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
