/** Tests of the tiny image; most boot it. */
@NullMarked
package jarrah.images.tiny;

import org.jspecify.annotations.NullMarked;
