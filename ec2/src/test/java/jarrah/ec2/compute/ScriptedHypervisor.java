package jarrah.ec2.compute;

import jarrah.machine.Hypervisor;
import jarrah.machine.Machine;
import jarrah.machine.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Machines without processes: they outlive the compute that launched them, and end when a test says so. */
public final class ScriptedHypervisor implements Hypervisor {
    private final Map<Path, Scripted> machines = new ConcurrentHashMap<>();
    private final AtomicLong pids = new AtomicLong(1_000);
    final List<MachineSpec> launches = new CopyOnWriteArrayList<>();
    /** Whether guests answer the power button. */
    volatile boolean obedient = true;
    /** What launching fails with, if it shall. */
    volatile @Nullable String refusal;
    /** Launching waits for it. */
    volatile @Nullable CountDownLatch gate;

    @Override
    public Machine launch(MachineSpec spec, Path directory) throws IOException {
        CountDownLatch waiting = gate;
        if (waiting != null) {
            try {
                waiting.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while QEMU started", e);
            }
        }
        if (refusal != null) {
            throw new IOException(refusal);
        }
        if (adopt(directory).isPresent()) {
            throw new IOException("the machine in " + directory + " runs already");
        }
        for (MachineSpec.Disk disk : spec.disks()) {
            if (!Files.exists(disk.file())) {
                throw new IOException("no file " + disk.file());
            }
        }
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("console.log"), "hello from " + spec.name() + "\n");
        launches.add(spec);
        var machine = new Scripted(spec);
        machines.put(directory, machine);
        return machine;
    }

    @Override
    public Optional<Machine> adopt(Path directory) {
        return Optional.ofNullable(machines.get(directory))
                .filter(machine -> !machine.gone)
                .map(Machine.class::cast);
    }

    @Override
    public String accelerator() {
        return "none";
    }

    /** Machines that run, or were not told to quit after their guest shut down. */
    List<Scripted> running() {
        return machines.values().stream().filter(machine -> !machine.gone).toList();
    }

    /** The machine of an instance, running or not; the last one of it. */
    Scripted of(String instanceId) {
        return machines.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(instanceId))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    /** A machine. */
    final class Scripted implements Machine {
        private final MachineSpec spec;
        private final long pid = pids.incrementAndGet();
        private final CompletableFuture<Ending> ended = new CompletableFuture<>();
        final AtomicInteger powerButtons = new AtomicInteger();
        final AtomicInteger resets = new AtomicInteger();

        /** No process any more. */
        volatile boolean gone;

        private Scripted(MachineSpec spec) {
            this.spec = spec;
        }

        /** Comes to its end. */
        void end(Ending how) {
            gone |= how != Ending.GUEST_SHUTDOWN;
            ended.complete(how);
        }

        @Override
        public MachineSpec spec() {
            return spec;
        }

        @Override
        public long pid() {
            return pid;
        }

        @Override
        public boolean running() {
            return !ended.isDone();
        }

        @Override
        public void powerDown() {
            powerButtons.incrementAndGet();
            if (obedient) {
                end(Ending.GUEST_SHUTDOWN);
            }
        }

        @Override
        public void reset() {
            resets.incrementAndGet();
        }

        @Override
        public void quit() {
            gone = true;
            end(Ending.QUIT);
        }

        @Override
        public boolean awaitEnd(Duration atMost) throws InterruptedException {
            try {
                ended.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException | ExecutionException e) {
                return false;
            }
        }

        @Override
        public void onEnd(Consumer<Ending> listener) {
            ended.thenAccept(ending -> Thread.ofVirtual().start(() -> listener.accept(ending)));
        }

        @Override
        public byte[] console(int atMostBytes) {
            return "alive".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        }

        @Override
        public void attach(MachineSpec.Disk disk) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void detach(String serial, Duration atMost) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void copyDisk(String serial, Path rawFile) throws IOException {
            Files.writeString(rawFile, serial);
        }

        @Override
        public void close() {}
    }
}
