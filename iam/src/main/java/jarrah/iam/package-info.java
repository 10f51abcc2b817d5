/**
 * Who may do what: accounts, users, access keys, signing certificates, and the security token service.
 *
 * <p>Start with {@link jarrah.iam.Accounts}, which makes and finds them, and {@link jarrah.iam.Principal}, which is what
 * the rooms above know of a caller. An account owns buckets and instances; it has an id of twelve digits, as in ARNs, and
 * a canonical id of 64 hex digits, as in S3's access control lists. A user belongs to an account and has access keys.
 *
 * <p>Secrets lie encrypted in the store ({@link jarrah.iam.SecretBox}). Every user made so far is an administrator of its
 * account; policies, groups and roles widen {@link jarrah.iam.Authorizer}.
 */
@NullMarked
package jarrah.iam;

import org.jspecify.annotations.NullMarked;
