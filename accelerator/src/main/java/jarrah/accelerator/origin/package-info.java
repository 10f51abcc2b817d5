/**
 * Where answers come from: {@link jarrah.accelerator.origin.Origin} is the seam, {@link
 * jarrah.accelerator.origin.UrlOrigin} speaks HTTP, {@link jarrah.accelerator.origin.BucketOrigin} reads a bucket of this
 * process through {@link jarrah.accelerator.origin.OwnBuckets}, which the composition root implements over S3.
 */
@NullMarked
package jarrah.accelerator.origin;

import org.jspecify.annotations.NullMarked;
