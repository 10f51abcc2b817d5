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
 * <p>An object has <em>versions</em> where its bucket keeps them: the current one is where gets and listings look, the
 * others and the <em>delete markers</em> lie beside it ({@link jarrah.s3.store.VersionTree}). A version may be locked
 * ({@link jarrah.s3.store.ObjectLock}) and have tags.
 *
 * <p>Bytes may be encrypted ({@link jarrah.s3.store.SealedChunks}) under data keys that {@link
 * jarrah.s3.store.ServerKeys} or the client's own keys wrap. Documents that say how a bucket behaves are kept by {@link
 * jarrah.s3.store.BucketSettings}; what they mean, {@code jarrah.s3.settings} knows.
 *
 * <p>Left out so far: storage classes that must be restored.
 */
@NullMarked
package jarrah.s3.store;

import org.jspecify.annotations.NullMarked;
