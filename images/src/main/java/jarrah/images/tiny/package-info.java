/**
 * The tiny image: a Linux that boots in some four seconds of processor time, built here from packages of Debian.
 *
 * <p>Start with {@link jarrah.images.tiny.TinyImage}. The programs of the guest are shell scripts, in this package's
 * resources: {@code ramdisk-init.sh} finds the root file system, {@code inittab} says what runs on it, and {@code
 * instance.sh} makes the machine the instance that its metadata service says it is.
 *
 * <p>In it are ssh (dropbear; by key only, as {@code root} or, which is the same, {@code ec2-user}), scp and sftp, curl,
 * openssl, GNU tar and gzip, split, and busybox for the rest; DHCP; user-data that begins with {@code #!}, once for each
 * instance id. Left out on purpose: passwords, a login on the serial console, a package manager, cloud-init.
 */
@NullMarked
package jarrah.images.tiny;

import org.jspecify.annotations.NullMarked;
