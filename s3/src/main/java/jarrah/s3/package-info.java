/** Buckets, objects, versions, multipart uploads, ACLs. */
@NullMarked
package jarrah.s3;

import org.jspecify.annotations.NullMarked;
