/**
 * Compute: images, instances, key pairs, security groups, volumes and snapshots, and the network they live in.
 */
@NullMarked
package jarrah.ec2;

import org.jspecify.annotations.NullMarked;
