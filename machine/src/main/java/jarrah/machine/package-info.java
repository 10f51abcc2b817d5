/**
 * Real machines: a QEMU process for each, told by QMP, outliving the process that launched it.
 *
 * <p>Start with {@link jarrah.machine.Hypervisor}: it launches a {@link jarrah.machine.MachineSpec} into a directory of
 * its own, and adopts after a restart what it finds there. This room knows nothing of instances, images or networks: it
 * is handed files, a netdev argument and the command that QEMU is to be started by.
 *
 * <p>{@link jarrah.machine.QemuHypervisor} is the one there is; {@code QemuArguments} says what each profile is given,
 * {@code QmpClient} speaks, {@code MachineRecord} remembers. {@link jarrah.machine.AcceleratorProbe} decides on KVM. {@link
 * jarrah.machine.QemuImg} makes and copies disks, {@link jarrah.machine.Qcow2Header} reads those of strangers first.
 *
 * <p>Left out on purpose: live migration, guest agents, graphics.
 */
@NullMarked
package jarrah.machine;

import org.jspecify.annotations.NullMarked;
