@NullMarked
package jarrah.iam;

import org.jspecify.annotations.NullMarked;
