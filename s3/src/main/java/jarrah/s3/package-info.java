/**
 * The object store: buckets, objects, multipart uploads, access control lists.
 *
 * <p>Start with {@link jarrah.s3.S3Endpoint}: a request comes in, is verified, routed to an operation, judged, carried
 * out and answered. {@code jarrah.s3.wire} has the HTTP and XML of each group of operations, {@code jarrah.s3.store} the
 * rules and records. A <em>bucket</em> belongs to an account and holds <em>objects</em> by <em>key</em>; an object is a
 * record with its metadata, and bytes that lie beside it; a <em>multipart upload</em> gathers <em>parts</em> that become
 * one object when it is completed.
 */
@NullMarked
package jarrah.s3;

import org.jspecify.annotations.NullMarked;
