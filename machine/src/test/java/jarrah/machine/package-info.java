/** Tests of the machine room; those that need QEMU boot {@link jarrah.machine.BootSector}, a guest of 134 bytes. */
@NullMarked
package jarrah.machine;

import org.jspecify.annotations.NullMarked;
