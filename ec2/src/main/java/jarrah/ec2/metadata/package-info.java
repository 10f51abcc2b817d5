/** The instance metadata service: what a guest reads at 169.254.169.254, by IMDSv1 and IMDSv2. */
@NullMarked
package jarrah.ec2.metadata;

import org.jspecify.annotations.NullMarked;
