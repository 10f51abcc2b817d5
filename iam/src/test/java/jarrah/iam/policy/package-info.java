/** Tests of the policy language. */
@NullMarked
package jarrah.iam.policy;

import org.jspecify.annotations.NullMarked;
