package jarrah.machine;

/** Which devices a guest is given: its kernel must have drivers for them. */
public enum DeviceProfile {
    /** NVMe disks on q35, a virtio network card: what today's AWS images expect of a disk. */
    NITRO,
    /** Virtio 1.0 disks and network card on q35. */
    VIRTIO,
    /** Transitional virtio on the older {@code pc} machine: kernels from 2.6.32 on. */
    LEGACY,
    /** IDE disks and an Intel e1000 card on {@code pc}: kernels without any virtio. */
    IDE
}
