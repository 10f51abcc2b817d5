@NullMarked
package jarrah.ec2.metadata;

import org.jspecify.annotations.NullMarked;
