/**
 * Buckets at other S3 endpoints as destinations of replication: which there are ({@link jarrah.s3.remote.RemoteBuckets}),
 * requests to one ({@link jarrah.s3.remote.RemoteBucket}), and how a version is copied to it
 * ({@link jarrah.s3.remote.RemoteCopies}, where to start reading).
 */
@NullMarked
package jarrah.s3.remote;

import org.jspecify.annotations.NullMarked;
