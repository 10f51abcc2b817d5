package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a region costs before anybody uses it. */
final class StartAndIdle {
    private final Servers servers;
    private final Path directory;
    private final int idleSeconds;

    StartAndIdle(Servers servers, Path directory, boolean quick) {
        this.servers = servers;
        this.directory = directory;
        this.idleSeconds = quick ? 10 : 30;
    }

    void run(Report report) throws IOException, InterruptedException {
        Path config = Files.writeString(directory.resolve("plain.yaml"), "region: us-east-1\n");
        Servers.Jarrah first = servers.jarrah("plain", config);
        double firstStart = CpuMeter.cpuSeconds(first.process());
        servers.stop(first.process());
        Servers.Jarrah again = servers.jarrah("plain", config);
        double start = CpuMeter.cpuSeconds(again.process());
        double before = CpuMeter.cpuSeconds(again.process());
        Thread.sleep(idleSeconds * 1_000L);
        double idle = (CpuMeter.cpuSeconds(again.process()) - before) / idleSeconds * 1_000;
        double memory = CpuMeter.residentMib(again.process());
        servers.stop(again.process());
        report.section(
                "Start and idle",
                "From the start of `./jarrah up` until `/health` answers, with the build and the start-up cache at hand; then "
                        + idleSeconds + " s without a request.");
        report.header("", "");
        report.row("CPU until `/health`, first start (makes keys and certificates)", Bench.number(firstStart) + " s");
        report.row("CPU until `/health`, later starts", Bench.number(start) + " s");
        report.row("CPU when idle", Bench.number(idle) + " ms a second");
        report.row("resident memory when idle", Bench.number(memory) + " MiB");
    }
}
