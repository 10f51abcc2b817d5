/**
 * What the object store does by itself: {@link jarrah.s3.jobs.LifecycleRunner} ends and moves objects as a bucket's lifecycle
 * says, {@link jarrah.s3.jobs.AccessLog} delivers the lines of access logs, {@link jarrah.s3.jobs.Events} writes down what happened
 * and {@link jarrah.s3.jobs.EventDelivery} tells those who asked; {@link jarrah.s3.jobs.Replicator} copies versions to other buckets, and
 * {@link jarrah.s3.jobs.RemoteReplicator} to those at other endpoints. Beside {@code wire}, above {@code store}, {@code settings} and
 * {@code remote}; each job is a thread that the composition root starts, and each step can be repeated after a crash.
 */
@NullMarked
package jarrah.s3.jobs;

import org.jspecify.annotations.NullMarked;
