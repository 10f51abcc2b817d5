package jarrah.ec2.compute;

import jarrah.machine.CopyProgress;
import jarrah.machine.MachineSpec;
import jarrah.machine.MachineSpec.DiskFormat;
import jarrah.machine.QemuImg;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Volumes and snapshots as qcow2 files.
 *
 * <pre>
 *   SNAPSHOT.qcow2     a sealed layer: never written again
 *   SNAPSHOT.digests   SHA-256 of each 512 KiB of it, 32 bytes a block, in order; zeros for a block of zeros
 *   VOLUME.qcow2       an overlay on its snapshot, or a layer of its own
 * </pre>
 *
 * <p>A file appears under its name only when it is whole and on the disk, so that a crash leaves nothing half-made but
 * {@code *.new}, which the next start removes.
 */
final class QcowVolumes implements Volumes {
    /** The block size of the EBS direct APIs. */
    static final int BLOCK_BYTES = 512 * 1024;

    private static final long PROGRESS_BYTES = 128L * BLOCK_BYTES;

    private final Path directory;
    private final QemuImg qemuImg;

    QcowVolumes(Path directory, QemuImg qemuImg) throws IOException {
        this.directory = directory;
        this.qemuImg = qemuImg;
        Files.createDirectories(directory);
        try (var left = Files.newDirectoryStream(directory, "*.new")) {
            for (Path file : left) {
                Files.delete(file);
            }
        }
    }

    private Path file(String id) {
        return directory.resolve(id + ".qcow2");
    }

    private Path digests(String snapshotId) {
        return directory.resolve(snapshotId + ".digests");
    }

    @Override
    public void create(String volumeId, long bytes, Optional<String> snapshotId) throws IOException {
        Path target = file(volumeId);
        if (Files.exists(target)) {
            return;
        }
        Path fresh = directory.resolve(volumeId + ".new");
        Files.deleteIfExists(fresh);
        uninterrupted(() -> {
            if (snapshotId.isPresent()) {
                qemuImg.overlay(fresh, file(snapshotId.get()), DiskFormat.QCOW2, OptionalLong.of(bytes));
            } else {
                qemuImg.create(fresh, DiskFormat.QCOW2, bytes);
            }
        });
        publish(fresh, target);
    }

    @Override
    public void seal(String snapshotId, Path raw, CopyProgress progress) throws IOException {
        Path freshDigests = directory.resolve(snapshotId + ".digests.new");
        Path fresh = directory.resolve(snapshotId + ".new");
        try {
            digest(raw, freshDigests, progress.within(0, 50));
            uninterrupted(
                    () -> qemuImg.convert(raw, DiskFormat.RAW, fresh, DiskFormat.QCOW2, progress.within(50, 100)));
            publish(freshDigests, digests(snapshotId));
            publish(fresh, file(snapshotId));
        } finally {
            Files.deleteIfExists(freshDigests);
            Files.deleteIfExists(fresh);
        }
    }

    private static void digest(Path raw, Path target, CopyProgress progress) throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        byte[] zeros = new byte[BLOCK_BYTES];
        byte[] none = new byte[32];
        try (FileChannel in = FileChannel.open(raw);
                var out = Files.newOutputStream(target)) {
            long size = in.size();
            for (long at = 0; at < size; at += BLOCK_BYTES) {
                if (at % PROGRESS_BYTES == 0) {
                    progress.at((int) (at * 100 / size));
                }
                int length = (int) Math.min(BLOCK_BYTES, size - at);
                readFully(in, ByteBuffer.wrap(block, 0, length), at);
                java.util.Arrays.fill(block, length, BLOCK_BYTES, (byte) 0);
                boolean empty = java.util.Arrays.equals(block, zeros);
                out.write(empty ? none : sha256().digest(block));
            }
        }
    }

    private static void readFully(FileChannel in, ByteBuffer into, long at) throws IOException {
        long position = at;
        while (into.hasRemaining()) {
            int read = in.read(into, position);
            if (read < 0) {
                throw new IOException("the disk image became shorter while it was read");
            }
            position += read;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public MachineSpec.Disk disk(String volumeId, String serial) {
        return new MachineSpec.Disk(serial, file(volumeId), DiskFormat.QCOW2, false);
    }

    @Override
    public void delete(String volumeId) throws IOException {
        Files.deleteIfExists(file(volumeId));
    }

    @Override
    public void deleteSnapshot(String snapshotId) throws IOException {
        Files.deleteIfExists(file(snapshotId));
        Files.deleteIfExists(digests(snapshotId));
    }

    /** Ids of what has files here, volumes and snapshots. */
    java.util.Set<String> ids() throws IOException {
        var ids = new java.util.TreeSet<String>();
        try (var files = Files.newDirectoryStream(directory, "*.{qcow2,digests}")) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                ids.add(name.substring(0, name.lastIndexOf('.')));
            }
        }
        return ids;
    }

    /** Synced, then renamed, then the directory synced: after a power loss it is there whole, or not at all. */
    static void publish(Path fresh, Path target) throws IOException {
        try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(target.toAbsolutePath().getParent())) {
            directory.force(true);
        }
    }

    /** Work that waits for a process. */
    interface Waiting {
        void run() throws IOException, InterruptedException;
    }

    static void uninterrupted(Waiting work) throws IOException {
        try {
            work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("stopped while waiting for qemu-img").initCause(e);
        }
    }
}
