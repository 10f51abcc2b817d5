/**
 * EC2's API, version 2016-11-15 and older ones: parameters in, XML out, one file for each group of actions.
 *
 * <p>Start with {@link jarrah.ec2.wire.Ec2Actions}. The rules are in {@code jarrah.ec2.compute}; nothing here keeps state.
 */
@NullMarked
package jarrah.ec2.wire;

import org.jspecify.annotations.NullMarked;
