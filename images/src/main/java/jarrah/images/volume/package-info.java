/**
 * A file system that is in use becomes an image: {@link jarrah.images.volume.VolumeImage}, by the tools of the system that
 * it belongs to (mount, tar, mkfs), as root.
 */
@NullMarked
package jarrah.images.volume;

import org.jspecify.annotations.NullMarked;
