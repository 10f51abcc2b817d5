/** Compute's rules, proved on records in memory with machines and a network that tests script. Start at ComputeFixture. */
@NullMarked
package jarrah.ec2.compute;

import org.jspecify.annotations.NullMarked;
