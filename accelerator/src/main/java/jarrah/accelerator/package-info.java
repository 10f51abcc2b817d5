/** HTTP cache in front of buckets and plain HTTP origins. */
@NullMarked
package jarrah.accelerator;

import org.jspecify.annotations.NullMarked;
