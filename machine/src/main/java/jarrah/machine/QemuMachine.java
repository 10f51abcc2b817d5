package jarrah.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A QEMU process that is known by pid and start time, and spoken to over QMP.
 *
 * <p>When its guest shuts down, QEMU stays ({@code -no-shutdown}) until it is told to quit: whoever asks its status, even
 * after the server was away, learns that it was the guest.
 */
final class QemuMachine implements Machine {
    static final Duration ANSWER = Duration.ofSeconds(20);

    private static final Logger log = LoggerFactory.getLogger(QemuMachine.class);
    private static final Duration QUIT_ANSWER = Duration.ofSeconds(3);
    private static final Duration QUIT_END = Duration.ofSeconds(10);
    private static final Duration QUIT_DEAF = Duration.ofMillis(500);
    private static final Duration KILL_END = Duration.ofSeconds(10);
    private static final Duration CHECK = Duration.ofSeconds(5);

    private final Path directory;
    private final ProcessIdentity process;
    private final ControlGroups groups;
    private final Lending lending;
    private final ConsoleLog console;
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> letGo = new CompletableFuture<>();
    private final ReentrantLock connecting = new ReentrantLock();
    private final ReentrantLock plugging = new ReentrantLock(); // one change of the disks, and of the record, at a time
    private volatile MachineRecord record;
    /** Why it ends, if that is known: the first cause counts, since a guest's shutdown is followed by our quit. */
    private final AtomicReference<@Nullable Ending> cause = new AtomicReference<>();

    private volatile @Nullable QmpClient client;

    QemuMachine(Path directory, MachineRecord record, ProcessIdentity process, ControlGroups groups) {
        this.directory = directory;
        this.groups = groups;
        this.lending = new Lending(directory, Confinement.userOf(record.command()));
        this.record = record;
        this.process = process;
        this.console = new ConsoleLog(directory.resolve(QemuHypervisor.CONSOLE));
        // Also seen when QMP is not connected; QMP's end is the faster sign.
        ProcessHandle.of(process.pid()).ifPresent(handle -> handle.onExit().thenRun(this::confirmEnd));
        Thread.ofVirtual().name("watch-" + record.spec().name()).start(this::watch);
    }

    /** Sees that it is spoken to and runs: a machine that was launched and never released is released now. */
    void connectAndRelease() throws IOException {
        QmpClient qmp = qmp();
        if (status(qmp, ANSWER).equals("prelaunch")) {
            qmp.execute("cont", Map.of(), ANSWER);
        } else if (running()) {
            disks(qmp).dropCopies();
        }
    }

    private MachineDisks disks(QmpClient qmp) {
        return new MachineDisks(qmp, spec().profile(), lending);
    }

    private static String status(QmpClient qmp, Duration atMost) throws IOException {
        return qmp.execute("query-status", Map.of(), atMost).path("status").asString("");
    }

    private QmpClient qmp() throws IOException {
        return qmp(ANSWER);
    }

    private QmpClient qmp(Duration atMost) throws IOException {
        connecting.lock();
        try {
            QmpClient now = client;
            if (now != null && now.open()) {
                return now;
            }
            if (letGo.isDone() || !process.alive()) {
                throw new IOException(letGo.isDone() ? "the machine was let go of" : "the machine has ended");
            }
            QmpClient fresh = QmpClient.connect(record.sockets().qmp(), atMost);
            fresh.onEvent(this::note);
            fresh.onClose(this::confirmEnd);
            client = fresh;
            if (status(fresh, atMost).equals("shutdown")) {
                guestShutDown(); // before we listened
            }
            return fresh;
        } finally {
            connecting.unlock();
        }
    }

    private void note(QmpEvent event) {
        if (!event.name().equals("SHUTDOWN")) {
            return;
        }
        if (event.data().path("guest").asBoolean(false)) {
            guestShutDown();
        } else if (event.data().path("reason").asString("").equals("host-qmp-quit")) {
            cause.compareAndSet(null, Ending.QUIT); // an operator's quit
        }
    }

    /** The machine has ended, though its process waits for {@link #quit}. */
    private void guestShutDown() {
        cause.compareAndSet(null, Ending.GUEST_SHUTDOWN);
        ended.complete(Ending.GUEST_SHUTDOWN);
    }

    /** QMP ended, or the process did: waits, briefly, until the process is gone and says so. */
    private void confirmEnd() {
        Thread.ofVirtual().name("end-" + spec().name()).start(() -> {
            try {
                if (!letGo.isDone() && gone(KILL_END)) {
                    Ending why = cause.get();
                    ended.complete(why == null ? Ending.DIED : why);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private boolean gone(Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (process.alive()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(Duration.ofMillis(2));
        }
        return true;
    }

    /** Keeps the console's log short, and QMP connected: over it alone a guest's shutdown is seen. */
    private void watch() {
        CompletableFuture<?> enough = CompletableFuture.anyOf(ended, letGo);
        while (!enough.isDone()) {
            try {
                console.trim();
                enough.get(CHECK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                reconnect();
            } catch (Exception e) {
                log.warn("{}: its console's log is not watched any more", spec().name(), e);
                return;
            }
        }
    }

    private void reconnect() {
        try {
            qmp(QUIT_ANSWER);
        } catch (IOException e) {
            log.debug("{}: {}", spec().name(), e.getMessage());
        }
    }

    @Override
    public MachineSpec spec() {
        return record.spec();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean running() {
        return !ended.isDone() && process.alive();
    }

    @Override
    public void powerDown() throws IOException {
        qmp().execute("system_powerdown", Map.of(), ANSWER);
    }

    @Override
    public void reset() throws IOException {
        qmp().execute("system_reset", Map.of(), ANSWER);
    }

    @Override
    public void quit() throws IOException {
        cause.compareAndSet(null, Ending.QUIT);
        Duration patience = QUIT_END;
        try {
            qmp(QUIT_ANSWER).execute("quit", Map.of(), QUIT_ANSWER);
        } catch (IOException e) {
            log.debug("{}: {}", spec().name(), e.getMessage());
            QmpClient now = client;
            // One that hung up is ending, and may have much to write first; one that holds the line is deaf.
            patience = now == null || now.open() ? QUIT_DEAF : QUIT_END;
        }
        try {
            if (!gone(patience)) {
                log.warn("{}: QEMU, pid {}, does not quit; killing it", spec().name(), pid());
                process.kill();
                if (!gone(KILL_END)) {
                    throw new IOException("process " + pid() + " does not end, not even killed");
                }
            }
            confirmEnd();
            // With a user of its own QEMU cannot remove what it made as ours.
            record.sockets().delete();
            Files.deleteIfExists(directory.resolve(QemuHypervisor.PID_FILE));
            groups.remove(record.sockets().name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.kill();
        }
    }

    @Override
    public boolean awaitEnd(Duration atMost) throws InterruptedException {
        try {
            ended.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new AssertionError("the end is never completed with an exception", e);
        }
    }

    @Override
    public void onEnd(Consumer<Ending> listener) {
        ended.thenAccept(
                ending -> Thread.ofVirtual().name("ended-" + spec().name()).start(() -> listener.accept(ending)));
    }

    @Override
    public byte[] console(int atMostBytes) throws IOException {
        return console.tail(atMostBytes);
    }

    @Override
    public void attach(MachineSpec.Disk disk) throws IOException {
        plugging.lock();
        try {
            disks(qmp()).attach(disk);
            var disks = new ArrayList<>(spec().disks());
            disks.removeIf(known -> known.serial().equals(disk.serial()));
            disks.add(disk);
            remember(disks);
        } finally {
            plugging.unlock();
        }
    }

    @Override
    public void detach(String serial, Duration atMost) throws IOException, InterruptedException {
        plugging.lockInterruptibly();
        try {
            disks(qmp()).detach(serial, atMost);
            var disks = new ArrayList<>(spec().disks());
            disks.removeIf(known -> known.serial().equals(serial));
            remember(disks);
        } finally {
            plugging.unlock();
        }
    }

    private void remember(List<MachineSpec.Disk> disks) throws IOException {
        MachineRecord changed = record.withSpec(spec().withDisks(disks));
        changed.write(directory);
        record = changed;
    }

    @Override
    public void copyDisk(String serial, Path rawFile) throws IOException, InterruptedException {
        disks(qmp()).copy(serial, rawFile);
    }

    @Override
    public void close() {
        letGo.complete(null);
        connecting.lock();
        try {
            QmpClient now = client;
            if (now != null) {
                now.close();
            }
        } finally {
            connecting.unlock();
        }
    }
}
