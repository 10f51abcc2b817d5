package jarrah.machine;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Plugs, unplugs and copies the disks of a running machine over one QMP conversation. */
final class MachineDisks {
    private static final Logger log = LoggerFactory.getLogger(MachineDisks.class);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final String COPY_PREFIX = "copy-";
    private static final String PERIPHERALS = "/machine/peripheral";

    /** A copy that makes no progress for this long is given up. */
    private static final Duration STANDSTILL = Duration.ofMinutes(5);

    private final QmpClient qmp;
    private final DeviceProfile profile;
    private final Lending lending;

    MachineDisks(QmpClient qmp, DeviceProfile profile, Lending lending) {
        this.qmp = qmp;
        this.profile = profile;
        this.lending = lending;
    }

    void attach(MachineSpec.Disk disk) throws IOException {
        String bus = freeBus();
        try (Lending.Loan loan = lending.lend(disk)) {
            qmp.execute("blockdev-add", DiskDevice.blockdev(disk, loan.layers()), ANSWER);
        }
        try {
            qmp.execute("device_add", DiskDevice.device(profile, disk.serial(), bus), ANSWER);
        } catch (IOException e) {
            removeNode(DiskDevice.node(disk.serial()));
            throw e;
        }
    }

    /** QEMU itself is asked which ports are taken: it knows better than any list of ours after a crash. */
    private String freeBus() throws IOException {
        if (profile == DeviceProfile.LEGACY) {
            return "pci.0"; // takes a card in any free slot
        }
        if (profile == DeviceProfile.IDE) {
            throw new IOException("IDE disks cannot be plugged in while the machine runs");
        }
        var ports = new ArrayList<String>();
        var taken = new ArrayList<String>();
        for (String id : peripherals()) {
            if (id.startsWith("port")) {
                ports.add(id);
            } else if (id.startsWith(DiskDevice.DEVICE_PREFIX)) {
                String bus = qmp.execute(
                                "qom-get", Map.of("path", PERIPHERALS + "/" + id, "property", "parent_bus"), ANSWER)
                        .asString("");
                taken.add(bus.substring(bus.lastIndexOf('/') + 1));
            }
        }
        return ports.stream()
                .filter(port -> !taken.contains(port))
                .min((a, b) -> Integer.compare(number(a), number(b)))
                .orElseThrow(() -> new IOException("all " + ports.size() + " ports for disks are taken"));
    }

    private static int number(String port) {
        return Integer.parseInt(port.substring("port".length()));
    }

    private List<String> peripherals() throws IOException {
        var ids = new ArrayList<String>();
        for (JsonNode child : qmp.execute("qom-list", Map.of("path", PERIPHERALS), ANSWER)) {
            ids.add(child.path("name").asString(""));
        }
        return ids;
    }

    void detach(String serial, Duration atMost) throws IOException, InterruptedException {
        String id = DiskDevice.id(serial);
        if (peripherals().contains(id)) {
            CompletableFuture<QmpEvent> gone = qmp.next(event ->
                    event.is("DEVICE_DELETED", "device", id) || event.is("DEVICE_UNPLUG_GUEST_ERROR", "device", id));
            try {
                askForRelease(id);
                QmpEvent answer = within(gone, atMost, serial);
                if (!answer.name().equals("DEVICE_DELETED")) {
                    throw new IOException("the guest refused to let go of the disk " + serial);
                }
            } finally {
                gone.cancel(false);
            }
        }
        // Also when only the node is there: an earlier call may have come to its deadline just before the guest did it.
        qmp.execute("blockdev-del", Map.of("node-name", DiskDevice.node(serial)), ANSWER);
    }

    private void askForRelease(String id) throws IOException {
        try {
            qmp.execute("device_del", Map.of("id", id), ANSWER);
        } catch (QmpException e) {
            // An earlier request may still stand with the guest; then its answer is what is waited for.
            if (!String.valueOf(e.getMessage()).contains("already in the process of unplug")) {
                throw e;
            }
        }
    }

    private static QmpEvent within(CompletableFuture<QmpEvent> gone, Duration atMost, String serial)
            throws IOException, InterruptedException {
        try {
            return gone.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the guest did not let go of the disk " + serial + " within " + atMost.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException("the machine ended meanwhile", e);
        }
    }

    void copy(String serial, Path rawFile) throws IOException, InterruptedException {
        String name = COPY_PREFIX + UUID.randomUUID().toString().substring(0, 8);
        Files.createFile(rawFile);
        Path draft = lending.draft(rawFile, name);
        try {
            long bytes = virtualBytes(DiskDevice.node(serial));
            try (var file = new RandomAccessFile(draft.toFile(), "rw")) {
                file.setLength(bytes);
            }
            lending.writable(draft, true);
            qmp.execute("blockdev-add", copyTarget(name, lending.name(draft)), ANSWER);
            lending.writable(draft, false);
            try {
                backup(name, DiskDevice.node(serial));
            } finally {
                removeNode(name);
            }
            if (!draft.equals(rawFile)) {
                Files.move(draft, rawFile, StandardCopyOption.REPLACE_EXISTING);
            }
            try (var file = FileChannel.open(rawFile, StandardOpenOption.WRITE)) {
                file.force(true);
            }
            Holes.free(rawFile, bytes);
        } catch (IOException | InterruptedException | RuntimeException e) {
            Files.deleteIfExists(draft);
            Files.deleteIfExists(rawFile);
            throw e;
        }
    }

    private static Map<String, Object> copyTarget(String name, String file) {
        return Map.of(
                "driver",
                "raw",
                "node-name",
                name,
                "discard",
                "unmap",
                "detect-zeroes",
                "unmap",
                "file",
                Map.of("driver", "file", "filename", file, "discard", "unmap"));
    }

    private long virtualBytes(String node) throws IOException {
        for (JsonNode known : qmp.execute("query-named-block-nodes", Map.of("flat", true), ANSWER)) {
            if (node.equals(known.path("node-name").asString(""))) {
                return known.path("image").path("virtual-size").asLong();
            }
        }
        throw new IOException("the machine has no disk " + node);
    }

    private void backup(String job, String node) throws IOException, InterruptedException {
        CompletableFuture<QmpEvent> end = jobEnd(job);
        qmp.execute("blockdev-backup", Map.of("job-id", job, "device", node, "target", job, "sync", "full"), ANSWER);
        try {
            QmpEvent event = awaitJob(job, end);
            if (!event.name().equals("BLOCK_JOB_COMPLETED") || event.data().has("error")) {
                throw new IOException(
                        "the copy failed: " + event.data().path("error").asString("cancelled"));
            }
        } catch (InterruptedException | IOException e) {
            cancel(job, end);
            throw e;
        }
    }

    private CompletableFuture<QmpEvent> jobEnd(String job) {
        return qmp.next(event ->
                event.is("BLOCK_JOB_COMPLETED", "device", job) || event.is("BLOCK_JOB_CANCELLED", "device", job));
    }

    /** Large disks may take hours; only a copy that stands still is given up. */
    private QmpEvent awaitJob(String job, CompletableFuture<QmpEvent> end) throws IOException, InterruptedException {
        long before = -1;
        while (true) {
            try {
                return end.get(STANDSTILL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new IOException("the machine ended during the copy", e);
            } catch (TimeoutException e) {
                long now = progress(job);
                if (now == before) {
                    throw new IOException("the copy made no progress for " + STANDSTILL.toMinutes() + " minutes", e);
                }
                before = now;
            }
        }
    }

    private long progress(String job) throws IOException {
        for (JsonNode known : qmp.execute("query-block-jobs", Map.of(), ANSWER)) {
            if (job.equals(known.path("device").asString(""))) {
                return known.path("offset").asLong();
            }
        }
        return -1;
    }

    private void cancel(String job, CompletableFuture<QmpEvent> end) {
        try {
            if (!end.isDone()) {
                qmp.execute("block-job-cancel", Map.of("device", job, "force", true), ANSWER);
                QmpClient.await(end, ANSWER, "block-job-cancel");
            }
        } catch (IOException e) {
            log.debug("cancelling {}: {}", job, e.getMessage());
        }
    }

    private void removeNode(String node) {
        try {
            qmp.execute("blockdev-del", Map.of("node-name", node), ANSWER);
        } catch (IOException e) {
            log.warn("a block node stays with the machine until it ends: {}", e.getMessage());
        }
    }

    /** Ends copies that a former process of ours had begun; what they wrote is that process's leavings. */
    void dropCopies() throws IOException {
        for (JsonNode job : qmp.execute("query-block-jobs", Map.of(), ANSWER)) {
            String name = job.path("device").asString("");
            if (name.startsWith(COPY_PREFIX)) {
                cancel(name, jobEnd(name));
            }
        }
        for (JsonNode node : qmp.execute("query-named-block-nodes", Map.of("flat", true), ANSWER)) {
            String name = node.path("node-name").asString("");
            if (name.startsWith(COPY_PREFIX)) {
                removeNode(name);
            }
        }
        lending.dropDrafts(COPY_PREFIX);
    }
}
