package jarrah.ec2.compute;

import jarrah.iam.Certificates;
import jarrah.images.bundle.ImageException;
import jarrah.images.bundle.Manifest;
import jarrah.images.bundle.Unbundler;
import jarrah.images.disk.DiskImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The unpacked images, {@code ID.img} each, raw and sparse. Bundles are unpacked one after the other in the background; a
 * crash leaves the image pending, and the next start unpacks it again. A file goes when no record and no instance needs it.
 */
final class ImageFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFiles.class);
    /** How long RegisterImage waits for a bundle to be unpacked before it answers {@code pending}. */
    private static final int PATIENCE_SECONDS = 20;
    /** How long closing waits for an image that is being unpacked to be given up. */
    private static final int LAST_STEPS_SECONDS = 10;

    private final Records records;
    private final BucketReader buckets;
    private final Certificates certificates;
    private final Path directory;
    private final QcowVolumes volumes;
    private final ExecutorService unpacker = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("image-unpacker").factory());
    private final Map<String, CountDownLatch> underWay = new ConcurrentHashMap<>();
    private final Set<String> making = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    ImageFiles(Records records, BucketReader buckets, Certificates certificates, Path directory, QcowVolumes volumes)
            throws IOException {
        this.records = records;
        this.buckets = buckets;
        this.certificates = certificates;
        this.directory = directory;
        this.volumes = volumes;
        Files.createDirectories(directory);
    }

    /** The file of an image, kernel or ramdisk. */
    Path file(String imageId) {
        return directory.resolve(imageId + ".img");
    }

    /** A file that is being made under a name that a crash leaves to be swept. */
    Path fresh(String imageId) {
        return directory.resolve(imageId + ".new");
    }

    /** Keeps what is being imported from being swept, until {@link #made}. */
    void making(String id) {
        making.add(id);
    }

    void made(String id) {
        making.remove(id);
    }

    /** Goes on with what a former process left pending, and removes what nobody needs. */
    void start() {
        records.images.all(records.kv).stream()
                .filter(image -> image.state().equals("pending"))
                .forEach(image -> unpack(image.id()));
        sweep();
    }

    /** Unpacks an image's bundle in the background. */
    void unpack(String imageId) {
        var done = new CountDownLatch(1);
        underWay.put(imageId, done);
        unpacker.execute(() -> {
            try {
                unpackNow(imageId);
            } finally {
                underWay.remove(imageId);
                done.countDown();
            }
            if (records.images.get(records.kv, imageId) == null) {
                sweep(); // deregistered meanwhile
            }
        });
    }

    /** Waits a while for an image to be unpacked. */
    void awaitSettled(String imageId) {
        CountDownLatch latch = underWay.get(imageId);
        try {
            boolean settled = latch == null || latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            LOG.debug("{} settled: {}", imageId, settled);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void unpackNow(String imageId) {
        Image image = records.images.get(records.kv, imageId);
        if (image == null || !image.state().equals("pending")) {
            return;
        }
        try {
            unbundle(image);
            boolean partitioned = isPartitioned(file(imageId));
            settle(image.unpacked(Files.size(file(imageId)), partitioned));
        } catch (ImageException | Ec2Exception e) {
            if (closed) {
                return; // interrupted by our own end: it stays pending, and the next start unpacks it
            }
            settle(image.failed(String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException e) {
            if (closed) {
                return;
            }
            LOG.error("image {} cannot be unpacked", imageId, e);
            settle(image.failed(Image.SERVER_FAULT + "The image cannot be unpacked: " + e.getMessage()));
        }
    }

    private void unbundle(Image image) throws IOException {
        String location = image.location();
        String bucket = location.substring(0, location.indexOf('/'));
        String key = location.substring(bucket.length() + 1);
        String folder = key.substring(0, key.lastIndexOf('/') + 1);
        // Judged anew: a bucket's owner may have thought better of it since.
        String by = image.registeredBy().orElse("");
        Manifest manifest;
        try (InputStream in = buckets.open(by, bucket, key)) {
            manifest = Manifest.parse(in.readNBytes(Manifest.MAX_BYTES + 1));
        }
        Path fresh = fresh(image.id());
        try {
            Unbundler.unbundle(
                    manifest,
                    part -> buckets.open(by, bucket, folder + part.fileName()),
                    certificates.cloudPrivateKey(),
                    fresh);
            QcowVolumes.publish(fresh, file(image.id()));
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private void settle(Image settled) {
        records.kv.transact(tx -> {
            // Deregistered meanwhile: the file is swept.
            if (records.images.get(tx, settled.id()) != null) {
                records.images.put(tx, settled, settled.id());
            }
            return null;
        });
    }

    /** Whether a raw disk begins with a partition table. */
    static boolean isPartitioned(Path raw) throws IOException {
        return DiskImage.inspect(raw).partitions() != DiskImage.Partitions.NONE;
    }

    /**
     * Removes the files of images, snapshots and volumes that no record needs. The files are listed first, then what is
     * being made, then the records: every file has its record, or is marked as being made, before it appears, and stays
     * marked until its record is there. So nothing that appears meanwhile can be taken for a leftover.
     */
    synchronized void sweep() {
        try {
            List<Path> there = files();
            Set<String> volumesThere = volumes.ids();
            Set<String> busy = new HashSet<>(making);
            busy.addAll(underWay.keySet());
            Set<String> needed = needed();
            for (Path file : there) {
                String name = String.valueOf(file.getFileName());
                int dot = name.lastIndexOf('.');
                String id = dot < 0 ? name : name.substring(0, dot);
                if (!busy.contains(id) && (!needed.contains(id) || name.endsWith(".new"))) {
                    Files.deleteIfExists(file);
                }
            }
            for (String id : volumesThere) {
                if (needed.contains(id) || busy.contains(id)) {
                    continue;
                }
                if (id.startsWith("snap-")) {
                    volumes.deleteSnapshot(id);
                } else {
                    volumes.delete(id);
                }
            }
        } catch (IOException e) {
            LOG.warn("files that nobody needs cannot be removed", e);
        }
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        }
    }

    private Set<String> needed() {
        var needed = new HashSet<String>();
        records.images.all(records.kv).forEach(image -> needed.add(image.id()));
        records.snapshots.all(records.kv).forEach(snapshot -> needed.add(snapshot.id()));
        for (Volume volume : records.volumes.all(records.kv)) {
            needed.add(volume.id());
            volume.snapshotId().ifPresent(needed::add);
        }
        for (Instance instance : records.instances.all(records.kv)) {
            if (instance.state() != Instance.State.TERMINATED) {
                needed.add(instance.launch().imageId());
                instance.launch().kernelId().ifPresent(needed::add);
                instance.launch().ramdiskId().ifPresent(needed::add);
            }
        }
        return needed;
    }

    @Override
    public void close() {
        closed = true;
        unpacker.shutdownNow();
        try {
            if (!unpacker.awaitTermination(LAST_STEPS_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("images are still unpacked while the server stops: {}", underWay.keySet());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
