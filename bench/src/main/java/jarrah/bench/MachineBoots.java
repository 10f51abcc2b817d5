package jarrah.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Instances: how soon RunInstances answers, and what a guest costs until it is ready. */
final class MachineBoots {
    private static final long PATIENCE_SECONDS = 600;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final String READY = "TINY-READY";

    private final Servers servers;
    private final Path directory;
    private final int launches;
    private final int batch;
    private final int boots;

    MachineBoots(Servers servers, Path directory, boolean quick) {
        this.servers = servers;
        this.directory = directory;
        this.launches = quick ? 3 : 20;
        this.batch = quick ? 2 : 5;
        this.boots = quick ? 1 : 3;
    }

    void run(Report report) throws IOException, InterruptedException {
        if (!Bundles.onPath("qemu-system-x86_64") || !Bundles.onPath("qemu-img")) {
            report.section("Machines", "Not run: QEMU is missing (qemu-system-x86, qemu-utils).");
            return;
        }
        if (!"root".equals(System.getProperty("user.name"))) {
            report.section(
                    "Machines", "Not run: instances have networks of their own only when root starts the region.");
            return;
        }
        Path config = Files.writeString(directory.resolve("machines.yaml"), "region: us-east-1\n");
        Servers.Jarrah jarrah = servers.jarrah("machines", config);
        try (var load = new Ec2Load(jarrah.api())) {
            measure(report, jarrah, load);
        } finally {
            // Machines and networks outlive a server: only this takes them off the host.
            servers.stop(jarrah.process());
            shell("./jarrah destroy --data '" + jarrah.data() + "' --yes");
        }
    }

    private String shell(String script) throws IOException, InterruptedException {
        return TimedCommand.output(script, directory.resolve("machines-shell.log"));
    }

    private void measure(Report report, Servers.Jarrah jarrah, Ec2Load load) throws IOException, InterruptedException {
        String image = shell("./jarrah image add-tiny --quiet --data '" + jarrah.data() + "'")
                .strip();
        // The first launch asks what this host's processor and QEMU can do, once in a server's life.
        timedRun(load, image, 1);
        List<Double> single = new ArrayList<>();
        for (int i = 0; i < launches; i++) {
            single.add(timedRun(load, image, 1));
        }
        double many = timedRun(load, image, batch);
        List<Boot> measured = new ArrayList<>();
        for (int i = 0; i < boots; i++) {
            measured.add(boot(jarrah, load, image));
        }
        report(report, single, many, measured);
    }

    /** Milliseconds until RunInstances answers; the instances are gone when this returns. */
    private double timedRun(Ec2Load load, String image, int count) throws IOException {
        long start = System.nanoTime();
        List<String> ids = load.run(image, count);
        double milliseconds = (System.nanoTime() - start) / 1e6;
        terminate(load, ids);
        return milliseconds;
    }

    private static void terminate(Ec2Load load, List<String> ids) throws IOException {
        load.terminate(ids);
        await(
                "the end of " + ids,
                () -> load.states(ids),
                states -> states.stream().allMatch("terminated"::equals));
    }

    /**
     * One boot.
     *
     * @param wall seconds from the request to the ready line on the console
     * @param guest CPU seconds of QEMU by then
     * @param jarrah CPU seconds of the server and of the programs that it ran, by then
     * @param memory MiB resident of QEMU by then
     */
    private record Boot(double wall, double guest, double jarrah, double memory) {}

    private Boot boot(Servers.Jarrah jarrah, Ec2Load load, String image) throws IOException {
        double before = CpuMeter.cpuSecondsWithEnded(jarrah.process());
        long start = System.nanoTime();
        List<String> ids = load.run(image, 1);
        try {
            String id = ids.getFirst();
            await("a ready " + id, () -> load.console(id), console -> console.contains(READY));
            double wall = (System.nanoTime() - start) / 1e9;
            long qemu = Long.parseLong(Files.readString(jarrah.data().resolve("instances/" + id + "/qemu.pid"))
                    .strip());
            return new Boot(
                    wall,
                    CpuMeter.cpuSeconds(qemu),
                    CpuMeter.cpuSecondsWithEnded(jarrah.process()) - before,
                    CpuMeter.residentMib(qemu));
        } finally {
            terminate(load, ids);
        }
    }

    private interface Question<T> {
        T ask() throws IOException;
    }

    private static <T> void await(String what, Question<T> question, Predicate<T> answer) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!answer.test(question.ask())) {
            if (System.nanoTime() > end) {
                throw new IOException("no sign of " + what + " within " + PATIENCE_SECONDS + " s");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private void report(Report report, List<Double> single, double many, List<Boot> measured) {
        report.section(
                "Machines",
                ("RunInstances of a t2.nano (512 MiB), signed, %d times one after the other, each terminated before the next. Then"
                                + " the tiny image until `GetConsoleOutput`, asked every 250 ms, shows `%s`: the median of %d boots."
                                + " Jarrah's own CPU is the server's and that of the programs it ran to set up network and disk.")
                        .formatted(launches, READY, boots));
        report.header("", "");
        List<Double> sorted = single.stream().sorted().toList();
        report.row("RunInstances, one instance, median", Bench.number(CpuMeter.median(single)) + " ms");
        int last = (int) Math.ceil(sorted.size() * 0.99) - 1;
        report.row("RunInstances, one instance, the slowest", Bench.number(sorted.get(last)) + " ms");
        report.row("RunInstances, " + batch + " at once", Bench.number(many) + " ms");
        report.row("from RunInstances until ready", median(measured, Boot::wall) + " s");
        report.row("CPU of QEMU until ready", median(measured, Boot::guest) + " s");
        report.row(
                "CPU of Jarrah until ready",
                "%.2f s"
                        .formatted(CpuMeter.median(
                                measured.stream().map(Boot::jarrah).toList())));
        report.row("resident memory of QEMU when ready", median(measured, Boot::memory) + " MiB");
    }

    private static String median(List<Boot> boots, java.util.function.Function<Boot, Double> figure) {
        return Bench.number(CpuMeter.median(boots.stream().map(figure).toList()));
    }
}
