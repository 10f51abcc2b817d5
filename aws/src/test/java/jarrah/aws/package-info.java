@NullMarked
package jarrah.aws;

import org.jspecify.annotations.NullMarked;
