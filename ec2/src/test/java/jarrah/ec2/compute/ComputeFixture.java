package jarrah.ec2.compute;

import jarrah.iam.AccessKey;
import jarrah.iam.Accounts;
import jarrah.iam.Authorizer;
import jarrah.iam.Certificates;
import jarrah.iam.NewAccount;
import jarrah.iam.SecretBox;
import jarrah.iam.kms.Keys;
import jarrah.machine.QemuImg;
import jarrah.s3.S3Settings;
import jarrah.s3.jobs.Events;
import jarrah.s3.remote.RemoteBuckets;
import jarrah.s3.store.S3Store;
import jarrah.s3.wire.S3Operations;
import jarrah.storage.FaultyDisk;
import jarrah.storage.FileBlobs;
import jarrah.storage.Kv;
import jarrah.storage.MemoryKv;
import jarrah.storage.RunsTwice;
import jarrah.storage.VerifyMode;
import jarrah.testkit.Deadlines;
import jarrah.testkit.ManualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Compute on records in memory (each transaction runs twice), with scripted machines and a clock that stands still. */
public final class ComputeFixture implements AutoCloseable {
    public static final String ACCOUNT = "111122223333";
    public static final String OTHER = "444455556666";
    /** Memory for eight t2.nano. */
    static final long MEMORY_MEBIBYTES = 4_096;

    private final Path directory;
    private final Kv kv = new RunsTwice(new MemoryKv());
    private final QemuImg qemuImg = new QemuImg();
    public final ManualClock clock = new ManualClock(Instant.parse("2026-11-22T12:00:00Z"));
    public final SecretBox box;
    public final Accounts accounts;
    public final AccessKey admin;
    public final Certificates certificates;
    public final S3Store store;
    final ScriptedHypervisor hypervisor = new ScriptedHypervisor();
    final MemoryFabric fabric = new MemoryFabric();
    public Compute compute;

    /** Needs {@code qemu-img}, which makes the disks. */
    public ComputeFixture(Path directory) {
        Programs.require("qemu-img", "compute");
        this.directory = directory;
        try {
            box = SecretBox.open(directory.resolve("key"));
            accounts = new Accounts(kv, box, clock);
            admin = accounts.create(new NewAccount("one", Optional.of(ACCOUNT), Optional.empty(), Optional.empty()));
            accounts.create(new NewAccount("two", Optional.of(OTHER), Optional.empty(), Optional.empty()));
            certificates = new Certificates(kv, box, clock);
            store = new S3Store(kv, new FileBlobs(new FaultyDisk(), Path.of("/blobs"), VerifyMode.ALWAYS, 0), clock);
            compute = unstarted();
            compute.start(hypervisor, fabric);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One more compute on the same records, whose machines are left alone: what is asked of it stays undone. */
    Compute unstarted() {
        var settings = new ComputeSettings(
                "us-east-1",
                List.of("us-east-1a", "us-east-1b"),
                images(),
                volumes(),
                instances(),
                MEMORY_MEBIBYTES,
                List.of());
        try {
            return new Compute(
                    kv, s3(kv, store, accounts, box, clock), accounts, certificates, qemuImg, settings, clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The operations of an object store, as another service of the region is given them. */
    public static S3Operations s3(Kv kv, S3Store store, Accounts accounts, SecretBox box, Clock clock) {
        var settings = new S3Settings("us-east-1", false, true, List.of(), Duration.ofDays(1), false, false, List.of());
        return new S3Operations(
                store,
                accounts,
                new Authorizer(clock),
                settings,
                clock,
                new Events(store, clock, settings),
                new Keys(kv, box, clock, "us-east-1"),
                RemoteBuckets.none(clock));
    }

    BucketReader reader() {
        return new BucketReader(s3(kv, store, accounts, box, clock), accounts);
    }

    Path images() {
        return directory.resolve("images");
    }

    Path volumes() {
        return directory.resolve("volumes");
    }

    Path instances() {
        return directory.resolve("instances");
    }

    /** Stops; records and machines stay. */
    void stopCompute() {
        compute.close();
    }

    /** Starts a new compute on what is there. */
    void startCompute() {
        compute = unstarted();
        try {
            compute.start(hypervisor, fabric);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A raw disk of that many bytes. */
    public Path raw(String name, int bytes) {
        try {
            byte[] content = new byte[bytes];
            new Random(bytes).nextBytes(content);
            return Files.write(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An image of the first account. */
    public Image image(String name, String type, boolean ebs) {
        try {
            return compute.imports()
                    .add(
                            ACCOUNT,
                            new Imports.Source(
                                    raw(name + ".raw", 100_000),
                                    type,
                                    name,
                                    "",
                                    "x86_64",
                                    Optional.empty(),
                                    Optional.empty(),
                                    ebs,
                                    Optional.empty(),
                                    false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static final Instance.Options PLAIN = new Instance.Options(Optional.empty(), false, false, false, false, 1, false);

    static RunRequest request(String imageId) {
        return request(imageId, 1, 1, Optional.empty(), "", List.of(), PLAIN);
    }

    static RunRequest request(
            String imageId,
            int minimum,
            int maximum,
            Optional<String> token,
            String digest,
            List<Image.Mapping> mappings,
            Instance.Options options) {
        return new RunRequest(
                imageId,
                minimum,
                maximum,
                "t2.nano",
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                mappings,
                options,
                token,
                digest,
                Map.of("Name", "one"),
                Map.of(),
                Map.of(),
                "");
    }

    /** Launches one and waits until it runs. */
    String running(RunRequest request) {
        String id = compute.instances().run(ACCOUNT, request).getFirst().id();
        await(id, Instance.State.RUNNING);
        return id;
    }

    Instance instance(String id) {
        return compute.instances().require(ACCOUNT, id);
    }

    public void await(String id, Instance.State state) {
        until(() -> instance(id).state() == state, () -> id + " is " + instance(id));
    }

    static void until(BooleanSupplier condition, java.util.function.Supplier<String> otherwise) {
        long deadline = System.nanoTime() + 2 * Deadlines.STEP.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("in vain: " + otherwise.get());
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Names of the files under a directory. */
    static List<String> files(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        compute.close();
    }
}
