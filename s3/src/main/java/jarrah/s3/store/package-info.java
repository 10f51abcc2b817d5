/**
 * The rules of buckets, objects and multipart uploads; no HTTP and no XML. Start at {@link jarrah.s3.store.S3Store},
 * which holds the rest: {@link jarrah.s3.store.Buckets}, {@link jarrah.s3.store.Objects},
 * {@link jarrah.s3.store.Multipart}, {@link jarrah.s3.store.Sweeper}. {@link jarrah.s3.store.Keys} draws where each
 * record lies.
 *
 * <p>Records are in a {@link jarrah.storage.Kv}; bytes in {@link jarrah.storage.Blobs}, or beside the records if there
 * are few of them. Nothing is acknowledged before both are durable. Errors are {@link jarrah.s3.store.S3Exception} in
 * AWS's words; who may do what is not asked here, but in the rooms above.
 *
 * <p>Left out so far: versions and delete markers (their place among the keys is kept), object lock, tags, lifecycle,
 * encryption.
 */
@NullMarked
package jarrah.s3.store;

import org.jspecify.annotations.NullMarked;
