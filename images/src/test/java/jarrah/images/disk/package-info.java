/** Tests of disks as files. */
@NullMarked
package jarrah.images.disk;

import org.jspecify.annotations.NullMarked;
