/**
 * Disks as files: what a file is, told by its first bytes and never by its name, and the archives that images came in.
 *
 * <p>Start with {@link jarrah.images.disk.DiskImage}. Nothing here mounts or runs anything of an image.
 */
@NullMarked
package jarrah.images.disk;

import org.jspecify.annotations.NullMarked;
