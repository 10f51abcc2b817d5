/**
 * Who may do what: accounts, users, access keys, signing certificates, and the security token service.
 *
 * <p>Start with {@link jarrah.iam.Accounts}, which makes and finds them, and {@link jarrah.iam.Principal}, which is what
 * the rooms above know of a caller. An account owns buckets and instances; it has an id of twelve digits, as in ARNs, and
 * a canonical id of 64 hex digits, as in S3's access control lists. A user belongs to an account and has access keys.
 *
 * <p>Secrets lie encrypted in the store ({@link jarrah.iam.SecretBox}). The user {@code admin} of an account
 * plays the part of AWS's root user: it keeps AdministratorAccess and the key that the account was made with. All other
 * users ({@link jarrah.iam.Users}) may do what their policies say; {@link jarrah.iam.Authorizer} judges by them. Groups and
 * roles are not here yet.
 */
@NullMarked
package jarrah.iam;

import org.jspecify.annotations.NullMarked;
