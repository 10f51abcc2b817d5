package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** The object store beside other servers of the S3 API that run on a JVM, and beside nginx that serves files. */
final class S3Peers {
    private static final int CONNECTIONS = 16;
    private static final int WRITERS = 32;
    private static final int LISTED = 1_000;

    private final Servers servers;
    private final Path directory;
    private final int seconds;
    private final int passes;
    private final int puts;
    private final int lists;

    S3Peers(Servers servers, Path directory, boolean quick) {
        this.servers = servers;
        this.directory = directory;
        seconds = quick ? 1 : 3;
        passes = quick ? 1 : 3;
        puts = quick ? 500 : 4_000;
        lists = quick ? 5 : 30;
    }

    /** A column: what is done, and how many times for each second of the server's CPU. */
    private enum Work {
        GET_1K("GET 1 KB", 1 << 10),
        GET_16K("GET 16 KB", 1 << 14),
        GET_1M("GET 1 MB", 1 << 20),
        GET_64M("GET 64 MB", 1 << 26),
        PUT_16K("PUT 16 KB", 1 << 14),
        PUT_64M("PUT 64 MB", 1 << 26),
        LIST("LIST 1,000", 0);

        private final String title;
        private final int bytes;

        Work(String title, int bytes) {
            this.title = title;
            this.bytes = bytes;
        }

        boolean gets() {
            return title.startsWith("GET");
        }
    }

    /**
     * Somebody who answers.
     *
     * @param port of the S3 API, or of plain HTTP
     * @param s3 whether it is an S3 API
     */
    private record Peer(String name, Process process, int port, boolean s3, Figures figures) {
        Peer(String name, Process process, int port, boolean s3) {
            this(name, process, port, s3, new Figures());
        }
    }

    /** What was measured of a server. */
    private static final class Figures {
        private final Map<Work, List<Double>> perSecond = new LinkedHashMap<>();
        private final List<Double> getP99 = new ArrayList<>();
        private final List<Double> putP99 = new ArrayList<>();
        private double resident;

        double rate(Work work) {
            List<Double> all = perSecond.get(work);
            return all == null ? Double.NaN : CpuMeter.median(all);
        }
    }

    void run(Report report) throws IOException, InterruptedException {
        Path root = Files.createDirectories(directory.resolve("peers-files"));
        for (Work work : Work.values()) {
            if (work.gets()) {
                Files.write(root.resolve(work.name()), random(work.bytes));
            }
        }
        var peers = new ArrayList<Peer>();
        Servers.Jarrah jarrah = servers.jarrah(
                "peers-jarrah", Files.writeString(directory.resolve("peers.yaml"), "region: us-east-1\n"));
        peers.add(new Peer("Jarrah", jarrah.process(), jarrah.api(), true));
        if (Servers.hasPeer("s3proxy")) {
            int port = Servers.freePort();
            peers.add(new Peer("S3Proxy", servers.s3proxy(port), port, true));
        }
        if (Servers.hasPeer("s3mock")) {
            int port = Servers.freePort();
            peers.add(new Peer("S3Mock", servers.s3mock(port), port, true));
        }
        int port = Servers.freePort();
        peers.add(new Peer("nginx, static files", servers.nginxStatic(port, root), port, false));
        for (Peer peer : peers) {
            if (peer.s3()) {
                fill(peer, root);
            }
        }
        for (int pass = 0; pass < passes; pass++) {
            for (Work work : Work.values()) {
                for (Peer peer : peers) {
                    if (peer.s3() || work.gets()) {
                        measure(peer, work, peer.figures());
                    }
                }
            }
        }
        for (Peer peer : peers) {
            peer.figures().resident = CpuMeter.residentMib(peer.process());
            servers.stop(peer.process());
        }
        write(report, peers);
    }

    private static byte[] random(int bytes) {
        byte[] body = new byte[bytes];
        new Random(bytes).nextBytes(body);
        return body;
    }

    /** Stores what will be read, and warms the server up with each kind of work. */
    private void fill(Peer peer, Path root) throws IOException, InterruptedException {
        try (var load = new S3Load(peer.port())) {
            load.put("/bench", new byte[0]);
            load.put("/listed", new byte[0]);
            for (Work work : Work.values()) {
                if (work.gets()) {
                    load.put("/bench/" + work.name(), Files.readAllBytes(root.resolve(work.name())));
                }
            }
            load.putMany(WRITERS, LISTED, new byte[] {1}, n -> "/listed/key-%05d".formatted(n));
        }
        for (Work work : Work.values()) {
            measure(peer, work, new Figures());
        }
    }

    private void measure(Peer peer, Work work, Figures figures) throws IOException, InterruptedException {
        double before = CpuMeter.cpuSeconds(peer.process());
        double count;
        try (var load = new S3Load(peer.port())) {
            count = switch (work) {
                case PUT_16K -> {
                    byte[] body = random(work.bytes);
                    figures.putP99.add(load.putMany(WRITERS, puts, body, n -> "/bench/put-" + n)
                            .p99Micros());
                    yield puts;
                }
                case PUT_64M -> {
                    byte[] body = random(work.bytes);
                    for (int i = 0; i < seconds; i++) {
                        load.put("/bench/large", body);
                    }
                    yield seconds;
                }
                case LIST -> {
                    for (int i = 0; i < lists; i++) {
                        load.get("/listed?list-type=2");
                    }
                    yield lists;
                }
                default -> {
                    Wrk.Run run = get(peer, work, load);
                    if (work == Work.GET_1K) {
                        figures.getP99.add(run.p99Micros());
                    }
                    yield run.requests();
                }
            };
        }
        double cpu = CpuMeter.cpuSeconds(peer.process()) - before;
        figures.perSecond.computeIfAbsent(work, _ -> new ArrayList<>()).add(count / cpu);
    }

    private Wrk.Run get(Peer peer, Work work, S3Load load) throws IOException, InterruptedException {
        String path = (peer.s3() ? "/bench/" : "/") + work.name();
        var headers = new ArrayList<String>();
        if (peer.s3()) {
            load.signedGet(path).forEach((name, value) -> headers.add(name + ": " + value));
        }
        return Wrk.get(
                "http://127.0.0.1:" + peer.port() + path,
                work == Work.GET_64M ? 4 : CONNECTIONS,
                seconds,
                headers.toArray(String[]::new));
    }

    private void write(Report report, List<Peer> peers) {
        report.section(
                "The S3 API, beside others",
                "Operations for each second of the server's CPU: the median of " + passes
                        + " alternating passes. Requests are signed (version 4; S3Mock takes any signature, nginx serves plain"
                        + " files to anybody). Each server keeps its objects on the same disk; Jarrah alone has them synced when it"
                        + " answers a PUT. GETs by " + CONNECTIONS + " connections (64 MB: 4), PUTs of 16 KB by "
                        + WRITERS
                        + " clients at once. Heaps are bounded at 400 MiB. Then Jarrah's figure divided by each other's.");
        var header = new ArrayList<String>(List.of(""));
        for (Work work : Work.values()) {
            header.add(work.title);
        }
        header.addAll(List.of("p99 GET 1 KB", "p99 PUT 16 KB", "resident"));
        report.header(header.toArray(String[]::new));
        peers.forEach(peer -> row(report, peer.name(), peer.figures()));
        Figures ours = peers.removeFirst().figures();
        for (Peer peer : peers) {
            var row = new ArrayList<String>(List.of("Jarrah : " + peer.name()));
            for (Work work : Work.values()) {
                double ratio = ours.rate(work) / peer.figures().rate(work);
                row.add(Double.isNaN(ratio) ? "" : String.format(Locale.ROOT, "%.2f", ratio));
            }
            row.addAll(List.of("", "", ""));
            report.row(row.toArray(String[]::new));
        }
    }

    private static void row(Report report, String name, Figures its) {
        var row = new ArrayList<String>(List.of(name));
        for (Work work : Work.values()) {
            double rate = its.rate(work);
            row.add(Double.isNaN(rate) ? "" : String.format(Locale.ROOT, rate < 100 ? "%.1f" : "%,.0f", rate));
        }
        row.addAll(List.of(millis(its.getP99), millis(its.putP99), Bench.number(its.resident) + " MiB"));
        report.row(row.toArray(String[]::new));
    }

    private static String millis(List<Double> micros) {
        return micros.isEmpty() ? "" : Bench.number(CpuMeter.median(micros) / 1_000) + " ms";
    }
}
