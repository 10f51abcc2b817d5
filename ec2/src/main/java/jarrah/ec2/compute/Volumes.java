package jarrah.ec2.compute;

import jarrah.machine.CopyProgress;
import jarrah.machine.MachineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where the bytes of volumes and snapshots lie, in a form that a machine opens by itself. */
public interface Volumes {
    /** Bytes of a GiB. */
    long GIBIBYTE = 1L << 30;

    /**
     * Makes a volume; at once, whatever its size. Harmless if it is there.
     *
     * @param bytes its size, at least that of the snapshot
     * @param snapshotId what it begins with; empty for zeros
     */
    void create(String volumeId, long bytes, Optional<String> snapshotId) throws IOException;

    /**
     * Makes a sealed snapshot of a disk image, with the digests of its blocks.
     *
     * @param raw the disk's bytes, sparse; it stays what it is
     */
    void seal(String snapshotId, Path raw, CopyProgress progress) throws IOException;

    /** How a machine opens the volume; {@code serial} is what its guest reads. */
    MachineSpec.Disk disk(String volumeId, String serial);

    /** Removes a volume; harmless if there is none. */
    void delete(String volumeId) throws IOException;

    /** Removes a snapshot that no volume was made from; harmless if there is none. */
    void deleteSnapshot(String snapshotId) throws IOException;
}
