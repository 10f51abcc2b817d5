/**
 * Real machines: a QEMU process for each, told by QMP, outliving the process that launched it.
 *
 * <p>Start with {@link jarrah.machine.Hypervisor}: it launches a {@link jarrah.machine.MachineSpec} into a directory of
 * its own, and adopts after a restart what it finds there. This room knows nothing of instances, images or networks: it
 * is handed files, a netdev argument and the command that QEMU is to be started by.
 */
@NullMarked
package jarrah.machine;

import org.jspecify.annotations.NullMarked;
