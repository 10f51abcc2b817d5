package jarrah.ec2.compute;

import jarrah.images.disk.DiskImage;
import jarrah.machine.CopyProgress;
import jarrah.machine.DeviceProfile;
import jarrah.machine.MachineSpec.DiskFormat;
import jarrah.machine.QemuImg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes images of files that lie on this host. */
public final class Imports {
    private final Records records;
    private final Images images;
    private final ImageFiles files;
    private final QcowVolumes volumes;
    private final QemuImg qemuImg;

    Imports(Records records, Images images, ImageFiles files, QcowVolumes volumes, QemuImg qemuImg) {
        this.records = records;
        this.images = images;
        this.files = files;
        this.volumes = volumes;
        this.qemuImg = qemuImg;
    }

    /**
     * What is to be imported.
     *
     * @param file raw or qcow2; a kernel or ramdisk as it is
     * @param type {@code machine}, {@code kernel} or {@code ramdisk}
     * @param ebs whether the image shall begin with a snapshot; for a machine only
     * @param profile the devices of its machines; empty to choose by its kind
     * @param isPublic whether every account may launch it
     */
    public record Source(
            Path file,
            String type,
            String name,
            String description,
            String architecture,
            Optional<String> kernelId,
            Optional<String> ramdiskId,
            boolean ebs,
            Optional<DeviceProfile> profile,
            boolean isPublic) {}

    /** As {@link #add(String, Source, CopyProgress)}, for small files. */
    public Image add(String accountId, Source source) throws IOException {
        return add(accountId, source, CopyProgress.NONE);
    }

    /**
     * Copies the file and registers the image; it can be launched when this returns. The file stays what it is.
     *
     * @throws IOException if it cannot be copied, or the progress was told so; nothing is left
     */
    public Image add(String accountId, Source source, CopyProgress progress) throws IOException {
        images.requireName(accountId, source.name());
        source.kernelId().ifPresent(id -> images.part(accountId, id, "kernel", Ec2Error.AKI_NOT_FOUND));
        source.ramdiskId().ifPresent(id -> images.part(accountId, id, "ramdisk", Ec2Error.ARI_NOT_FOUND));
        String id = Ids.fresh(
                switch (source.type()) {
                    case "kernel" -> "aki";
                    case "ramdisk" -> "ari";
                    default -> "ami";
                });
        files.making(id);
        try {
            Path raw = files.fresh(id);
            copy(source, raw, source.ebs() ? progress.within(0, 50) : progress);
            return source.ebs()
                    ? sealed(accountId, id, source, raw, progress.within(50, 100))
                    : stored(accountId, id, source, raw);
        } finally {
            files.made(id);
            Files.deleteIfExists(files.fresh(id));
            if (images.find(id) == null) {
                Files.deleteIfExists(files.file(id));
            }
        }
    }

    private void copy(Source source, Path raw, CopyProgress progress) throws IOException {
        if (!source.type().equals("machine")) {
            Files.copy(source.file(), raw);
            return;
        }
        // A stranger's overlay could name any file of this host as its backing file: inspect refuses it.
        DiskFormat format = switch (inspected(source.file()).format()) {
            case RAW -> DiskFormat.RAW;
            case QCOW2 -> DiskFormat.QCOW2;
            case GZIP, TAR_GZIP ->
                throw Ec2Error.INVALID_PARAMETER_VALUE.because(source.file() + " is compressed: unpack it first.");
        };
        QcowVolumes.uninterrupted(() -> qemuImg.convert(source.file(), format, raw, DiskFormat.RAW, progress));
    }

    private static DiskImage inspected(Path file) {
        try {
            return DiskImage.inspect(file);
        } catch (IOException e) {
            throw Ec2Error.INVALID_PARAMETER_VALUE.because(file + " cannot be imported: " + e.getMessage());
        }
    }

    private Image stored(String accountId, String id, Source source, Path raw) throws IOException {
        boolean machine = source.type().equals("machine");
        long bytes = Files.size(raw);
        boolean partitioned = machine && ImageFiles.isPartitioned(raw);
        QcowVolumes.publish(raw, files.file(id));
        Image image = image(
                accountId,
                id,
                source,
                bytes,
                partitioned,
                machine ? List.of(Images.ephemeral("/dev/sdb", "ephemeral0")) : List.of());
        images.putImported(image, Optional.empty());
        return image;
    }

    private Image sealed(String accountId, String id, Source source, Path raw, CopyProgress progress)
            throws IOException {
        String snapshotId = Ids.fresh("snap");
        files.making(snapshotId);
        try {
            int gibibytes = (int) ((Files.size(raw) + Volumes.GIBIBYTE - 1) / Volumes.GIBIBYTE);
            boolean partitioned = ImageFiles.isPartitioned(raw);
            volumes.seal(snapshotId, raw, progress);
            var snapshot = new Snapshot(
                    snapshotId,
                    accountId,
                    Snapshot.NO_VOLUME,
                    gibibytes,
                    partitioned,
                    "Imported as " + source.name(),
                    "completed",
                    Optional.empty(),
                    records.clock.instant());
            var root = new Image.Mapping(
                    "/dev/sda1",
                    Optional.empty(),
                    Optional.of(new Image.Ebs(Optional.of(snapshotId), gibibytes, "standard", true)));
            Image image = image(
                    accountId, id, source, 0, partitioned, List.of(root, Images.ephemeral("/dev/sdb", "ephemeral0")));
            images.putImported(image, Optional.of(snapshot));
            return image;
        } finally {
            files.made(snapshotId);
        }
    }

    private Image image(
            String accountId, String id, Source source, long bytes, boolean partitioned, List<Image.Mapping> mappings) {
        return new Image(
                id,
                accountId,
                source.name(),
                source.description(),
                accountId + "/" + source.name(),
                Optional.empty(),
                "available",
                Optional.empty(),
                source.architecture(),
                source.type(),
                source.kernelId(),
                source.ramdiskId(),
                source.ebs() ? "ebs" : "instance-store",
                "/dev/sda1",
                source.kernelId().isPresent() ? "paravirtual" : "hvm",
                mappings,
                source.isPublic(),
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                bytes,
                partitioned,
                source.profile().orElse(source.kernelId().isPresent() ? DeviceProfile.VIRTIO : DeviceProfile.NITRO),
                records.clock.instant());
    }
}
