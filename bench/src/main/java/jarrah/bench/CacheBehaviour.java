package jarrah.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a cache does for its origin and with its memory, beside nginx with proxy_cache and Varnish: ranges, rules of access,
 * herds, a tail that is not stored, memory under churn, hits for a given size.
 */
final class CacheBehaviour {
    private static final int CONNECTIONS = 16;

    /** Until the compiler of a Java peer has nothing more to do. */
    private static final int WARM_SECONDS = 5;

    /** What is found out about one kind of request undoes, once, what was compiled for another. */
    private static final int WARM_ROUNDS = 3;

    private static final int MIB = 1 << 20;

    /** What a rule costs is less than what passes differ by: the least of many is the rule's own. */
    private static final int RULE_PASSES = 9;

    private static final String TOKEN = "a-token-of-the-benchmark";
    private static final String RANGE = "bytes=8388608-8454143";
    private static final int HERD = 500;
    private static final int HERDS = 5;

    private final Servers servers;
    private final Path directory;
    private final boolean quick;

    CacheBehaviour(Servers servers, Path directory, boolean quick) {
        this.servers = servers;
        this.directory = directory;
        this.quick = quick;
    }

    /** A cache under measurement. */
    private record Cache(Process process, int port) {
        String url(String path) {
            return "http://127.0.0.1:" + port + path;
        }
    }

    /** What is done to each cache; one figure for each column. */
    private interface Measurement {
        List<String> of(Cache cache, CountingOrigin origin) throws IOException, InterruptedException;
    }

    void run(Report report) throws IOException, InterruptedException {
        try (var origin = new CountingOrigin()) {
            Map<String, Cache> caches = caches(origin, "roomy", 256, 256);
            ranges(report, caches);
            access(report, java.util.Objects.requireNonNull(caches.get("Jarrah")));
            new Decisions(TOKEN, Files.readString(passwords())).run(report);
            report.section(
                    "A tail that is not stored",
                    "The last 64 KiB of an object of 64 MiB of which nothing is stored: what the origin sends for it.");
            report.header("", "MiB from the origin");
            each(report, caches, origin, CacheBehaviour::tail);
            report.section(
                    "A herd",
                    HERD
                            + " clients ask for an object of 16 KiB that is not stored, which the origin holds back for two seconds: how often"
                            + " the origin is asked, and when the last client has its first byte, counted from the origin's: the median of "
                            + HERDS + " herds, each for an object of its own.");
            report.header("", "requests to the origin", "last first byte");
            each(report, caches, origin, CacheBehaviour::herds);
            caches.values().forEach(cache -> servers.stop(cache.process()));

            Map<String, Cache> small = caches(origin, "small", 16, 48);
            int requests = quick ? 10_000 : 100_000;
            report.section(
                    "Hits and memory with room for 64 MiB",
                    requests
                            + " requests for 20,000 objects by Zipf's law (exponent 0.9), of sizes between 512 bytes and 4 MiB (log-normal,"
                            + " median 12 KiB), the same for each cache. Jarrah keeps 16 MiB in memory and 48 MiB in files; Varnish 64 MiB in memory; nginx 64 MiB in"
                            + " files. Varnish and nginx evict what was used least recently. Resident memory holds the program too: the first"
                            + " figure is before the requests.");
            report.header(
                    "", "hits", "bytes from the store", "answers broken off", "resident before", "resident after");
            each(report, small, origin, (cache, from) -> churn(cache, from, requests));
            small.values().forEach(cache -> servers.stop(cache.process()));
        }
    }

    /** @param files MiB in files, for Jarrah; the others have the sum in their one place */
    private Map<String, Cache> caches(CountingOrigin origin, String name, int memory, int files) throws IOException {
        String server = "\"http://127.0.0.1:" + origin.port() + "\"";
        Path config = Files.writeString(
                directory.resolve("cache-" + name + ".yaml"), """
                memory-limit: %1$dMiB
                file-limit: %5$dMiB
                sites:
                  - {name: open, origin: {http: %2$s}}
                  - {name: network, path: /1024/network/, origin: {http: %2$s}, access: [{allow: {networks: [127.0.0.0/8]}}]}
                  - {name: token, path: /1024/token/, origin: {http: %2$s}, access: [{allow: {token: %3$s}}]}
                  - {name: password, path: /1024/password/, origin: {http: %2$s}, access: [{allow: {passwords: "%4$s"}}]}
                """.formatted(memory, server, TOKEN, passwords(), files));
        var caches = new LinkedHashMap<String, Cache>();
        int nginx = Servers.freePort();
        caches.put(
                "nginx, proxy_cache",
                new Cache(servers.nginxCache("nginx-" + name, nginx, origin.port(), memory + files, false), nginx));
        int varnish = Servers.freePort();
        caches.put(
                "Varnish",
                new Cache(servers.varnish("varnish-" + name, varnish, origin.port(), memory + files), varnish));
        int jarrah = Servers.freePort();
        caches.put("Jarrah", new Cache(servers.accelerator("accelerator-" + name, jarrah, config), jarrah));
        return caches;
    }

    /** The user {@code u} with the password {@code p}, in the form of {@code openssl passwd -6}. */
    private Path passwords() throws IOException {
        Process process = new ProcessBuilder("openssl", "passwd", "-6", "p").start();
        String hash = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return Files.writeString(directory.resolve("passwords"), "u:" + hash + "\n");
    }

    private static void each(Report report, Map<String, Cache> caches, CountingOrigin origin, Measurement measurement)
            throws IOException, InterruptedException {
        for (Map.Entry<String, Cache> entry : caches.entrySet()) {
            var row = new ArrayList<String>(List.of(entry.getKey()));
            row.addAll(measurement.of(entry.getValue(), origin));
            report.row(row.toArray(String[]::new));
        }
    }

    private double micros(Cache cache, String path, String... headers) throws IOException, InterruptedException {
        double before = CpuMeter.cpuSeconds(cache.process());
        Wrk.Run run = Wrk.get(cache.url(path), CONNECTIONS, quick ? 1 : 2, headers);
        return (CpuMeter.cpuSeconds(cache.process()) - before) / run.requests() * 1e6;
    }

    private int passes() {
        return quick ? 1 : 5;
    }

    private void ranges(Report report, Map<String, Cache> caches) throws IOException, InterruptedException {
        String path = "/" + 16 * MIB + "/stored";
        var figures = new LinkedHashMap<String, List<Double>>();
        for (Cache cache : caches.values()) {
            get(cache, path);
            Wrk.get(cache.url(path), CONNECTIONS, WARM_SECONDS, "Range: " + RANGE);
        }
        for (int pass = 0; pass < passes(); pass++) {
            for (Map.Entry<String, Cache> entry : caches.entrySet()) {
                figures.computeIfAbsent(entry.getKey(), _ -> new ArrayList<>())
                        .add(micros(entry.getValue(), path, "Range: " + RANGE));
            }
        }
        report.section(
                "Ranges of what is stored",
                "64 KiB out of the middle of a stored object of 16 MiB; microseconds of CPU for each answer, median of "
                        + passes() + " alternating passes.");
        report.header("", "CPU");
        figures.forEach((name, all) -> report.row(name, Bench.number(CpuMeter.median(all))));
    }

    private void access(Report report, Cache jarrah) throws IOException, InterruptedException {
        var rules = new LinkedHashMap<String, String[]>();
        rules.put("open", new String[0]);
        rules.put("network", new String[0]);
        rules.put("token", new String[] {"Authorization: Bearer " + TOKEN});
        rules.put("password", new String[] {"Authorization: Basic dTpw"});
        var figures = new LinkedHashMap<String, List<Double>>();
        for (int round = 0; round < WARM_ROUNDS; round++) {
            for (Map.Entry<String, String[]> rule : rules.entrySet()) {
                Wrk.get(jarrah.url("/1024/" + rule.getKey() + "/x"), CONNECTIONS, WARM_SECONDS, rule.getValue());
            }
        }
        int most = quick ? 1 : RULE_PASSES;
        for (int pass = 0; pass < most; pass++) {
            for (Map.Entry<String, String[]> rule : rules.entrySet()) {
                figures.computeIfAbsent(rule.getKey(), _ -> new ArrayList<>())
                        .add(micros(jarrah, "/1024/" + rule.getKey() + "/x", rule.getValue()));
            }
        }
        report.section(
                "Rules of access on a hit",
                "An object of 1 KiB in memory; microseconds of Jarrah's CPU for each answer: the least and the median of "
                        + most + " alternating passes.");
        report.header("", "least", "median");
        figures.forEach((name, all) ->
                report.row(name, Bench.number(Collections.min(all)), Bench.number(CpuMeter.median(all))));
    }

    private static List<String> tail(Cache cache, CountingOrigin origin) throws IOException, InterruptedException {
        long before = origin.bytes();
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.send(
                    HttpRequest.newBuilder(URI.create(cache.url("/" + 64 * MIB + "/tail")))
                            .header("Range", "bytes=-65536")
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }
        long sent = origin.bytes();
        for (int still = 0; still < 5; still++) { // a cache may fetch on behind the client's back
            Thread.sleep(200);
            still = origin.bytes() == sent ? still : 0;
            sent = origin.bytes();
        }
        return List.of(Bench.number((sent - before) / (double) MIB));
    }

    /** Several herds, each for an object of its own. */
    private static List<String> herds(Cache cache, CountingOrigin origin) throws IOException, InterruptedException {
        long before = origin.requests();
        var last = new ArrayList<Double>();
        for (int i = 0; i < HERDS; i++) {
            last.add(herd(cache, origin, "/16384/herd-" + i));
        }
        return List.of(
                Bench.number((origin.requests() - before) / (double) HERDS),
                Bench.number(CpuMeter.median(last)) + " ms");
    }

    /** Milliseconds from the origin's first byte to that of the last client. */
    private static double herd(Cache cache, CountingOrigin origin, String path)
            throws IOException, InterruptedException {
        origin.hold();
        var asked = new CountDownLatch(HERD);
        var times = new ConcurrentLinkedQueue<Long>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < HERD; i++) {
            threads.add(Thread.ofVirtual().start(() -> times.add(firstByte(cache, path, asked))));
        }
        asked.await(30, TimeUnit.SECONDS);
        Thread.sleep(2_000);
        origin.release();
        for (Thread thread : threads) {
            thread.join();
        }
        long last = times.stream().mapToLong(Long::longValue).max().orElseThrow() - origin.firstByteNanos();
        if (times.contains(-1L)) {
            throw new IOException("a client of the herd got nothing");
        }
        return last / 1e6;
    }

    /** When the first byte of an answer came; -1 if none did. */
    private static long firstByte(Cache cache, String path, CountDownLatch asked) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), cache.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + cache.port()
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            asked.countDown();
            boolean answered = socket.getInputStream().read() == 'H';
            long now = System.nanoTime();
            socket.getInputStream().readAllBytes();
            return answered ? now : -1;
        } catch (IOException e) {
            asked.countDown();
            return -1;
        }
    }

    private static List<String> churn(Cache cache, CountingOrigin origin, int requests)
            throws IOException, InterruptedException {
        double residentBefore = CpuMeter.residentMib(cache.process());
        long requestsBefore = origin.requests();
        long bytesBefore = origin.bytes();
        var random = new Random(7);
        int[] sizes = new int[20_000];
        double[] upTo = new double[sizes.length];
        double sum = 0;
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = (int) Math.clamp(12_288 * Math.exp(1.5 * random.nextGaussian()), 512, 4 * MIB);
            sum += Math.pow(i + 1, -0.9);
            upTo[i] = sum;
        }
        long bytes = 0;
        int broken = 0;
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < requests; i++) {
                int found = java.util.Arrays.binarySearch(upTo, random.nextDouble() * sum);
                int object = Math.min(sizes.length - 1, found < 0 ? -found - 1 : found);
                broken += whole(client, cache.url("/" + sizes[object] + "/object-" + object)) ? 0 : 1;
                bytes += sizes[object];
            }
        }
        double hits = 1 - (origin.requests() - requestsBefore) / (double) requests;
        double stored = 1 - (origin.bytes() - bytesBefore) / (double) bytes;
        return List.of(
                Bench.number(100 * hits) + " %",
                Bench.number(100 * stored) + " %",
                Integer.toString(broken),
                Bench.number(residentBefore) + " MiB",
                Bench.number(CpuMeter.residentMib(cache.process())) + " MiB");
    }

    /** Whether the whole of it came. */
    private static boolean whole(HttpClient client, String url) throws InterruptedException {
        try {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static void get(Cache cache, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.send(
                    HttpRequest.newBuilder(URI.create(cache.url(path))).build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }
}
