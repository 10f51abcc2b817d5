@NullMarked
package jarrah.ec2.fabric;

import org.jspecify.annotations.NullMarked;
