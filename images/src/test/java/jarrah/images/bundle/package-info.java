@NullMarked
package jarrah.images.bundle;

import org.jspecify.annotations.NullMarked;
