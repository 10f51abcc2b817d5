package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Durable, signed PUTs, and listings of a large bucket. */
final class Puts {
    private static final int MIB = 1024 * 1024;
    private static final int CLIENTS = 32;
    /** Who fills the bucket for the listings; more share a sync, and the filling is not what is measured. */
    private static final int FILLERS = 128;
    /** Until the compiler has done with them. */
    private static final int WARM_LISTINGS = 500;

    private final Servers servers;
    private final Path directory;
    private final long keys;
    private final int rounds;

    Puts(Servers servers, Path directory, boolean quick, long keys) {
        this.servers = servers;
        this.directory = directory;
        this.keys = keys;
        this.rounds = quick ? 5 : 20;
    }

    void run(Report report) throws IOException, InterruptedException {
        Path config = Files.writeString(directory.resolve("puts.yaml"), "region: us-east-1\n");
        Servers.Jarrah jarrah = servers.jarrah("puts", config);
        try (var load = new S3Load(jarrah.api())) {
            load.put("/puts", new byte[0]);
            large(report, jarrah.process(), load);
            small(report, jarrah.process(), load);
            list(report, jarrah, load);
        }
        servers.stop(jarrah.process());
    }

    private static byte[] random(int bytes) {
        byte[] body = new byte[bytes];
        new Random(bytes).nextBytes(body);
        return body;
    }

    private void large(Report report, Process process, S3Load load) throws IOException {
        byte[] body = random(64 * MIB);
        for (int i = 0; i < 3; i++) {
            load.put("/puts/warm" + i, body);
        }
        double before = CpuMeter.cpuSeconds(process);
        for (int i = 0; i < rounds; i++) {
            load.put("/puts/large", body);
        }
        double each = (CpuMeter.cpuSeconds(process) - before) / rounds * 1_000;
        report.section(
                "PUTs",
                "Signed with the SHA-256 of the body, MD5 computed for the ETag, synced before the answer. 16 KB by "
                        + CLIENTS + " clients at once.");
        report.header("", "CPU for each", "rate", "resident memory after");
        report.row("64 MiB", Bench.number(each) + " ms", "", Bench.number(CpuMeter.residentMib(process)) + " MiB");
    }

    private void small(Report report, Process process, S3Load load) throws IOException, InterruptedException {
        byte[] body = random(16 * 1024);
        long count = Math.min(keys / 20, 20_000);
        load.putMany(CLIENTS, 2_000, body, n -> "/puts/warm-" + n);
        double before = CpuMeter.cpuSeconds(process);
        double seconds =
                load.putMany(CLIENTS, count, body, n -> "/puts/small-" + n).seconds();
        double each = (CpuMeter.cpuSeconds(process) - before) / count * 1e6;
        report.row(
                "16 KB",
                Bench.number(each) + " us",
                Bench.number(count / seconds) + " a second",
                Bench.number(CpuMeter.residentMib(process)) + " MiB");
    }

    private void list(Report report, Servers.Jarrah jarrah, S3Load load) throws IOException, InterruptedException {
        Process process = jarrah.process();
        load.put("/listed", new byte[0]);
        double seconds = load.putMany(FILLERS, keys, new byte[] {1}, n -> "/listed/%03d/%07d".formatted(n % 1_000, n))
                .seconds();
        report.section(
                "Listings of a bucket of %,d keys".formatted(keys),
                "Pages of 1,000; CPU of the server for each. The bucket was filled at %,.0f durable PUTs of one byte a second by %d clients."
                        .formatted(keys / seconds, FILLERS));
        report.header("", "CPU for each");
        for (String query : new String[] {
            "list-type=2", "list-type=2&start-after=500", "list-type=2&delimiter=%2F", "list-type=2&prefix=777%2F"
        }) {
            for (int i = 0; i < WARM_LISTINGS; i++) {
                load.get("/listed?" + query);
            }
            double before = CpuMeter.cpuSeconds(process);
            for (int i = 0; i < rounds * 10; i++) {
                load.get("/listed?" + query);
            }
            double each = (CpuMeter.cpuSeconds(process) - before) / (rounds * 10) * 1_000;
            report.row("`" + query + "`", Bench.number(each) + " ms");
        }
        report.row("resident memory after", Bench.number(CpuMeter.residentMib(process)) + " MiB");
        report.row(
                "their records on the disk, the bytes of such small objects included",
                Bench.number(mebibytes(jarrah.data().resolve("kv"))) + " MiB");
    }

    private static double mebibytes(Path directory) throws IOException {
        long bytes = 0;
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                bytes += file.toFile().length(); // 0 for one that is gone by now
            }
        }
        return bytes / (double) MIB;
    }
}
