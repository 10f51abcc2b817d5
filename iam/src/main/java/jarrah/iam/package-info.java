/** Accounts, users, access keys, certificates, policies, STS. */
@NullMarked
package jarrah.iam;

import org.jspecify.annotations.NullMarked;
