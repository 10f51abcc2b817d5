/** The EC2 API's own words: parameters in, documents and errors out, over the compute that {@code ComputeFixture} makes. */
@NullMarked
package jarrah.ec2.wire;

import org.jspecify.annotations.NullMarked;
