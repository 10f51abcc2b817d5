/**
 * The policy language: {@link jarrah.iam.policy.PolicyParser} reads a document, {@link jarrah.iam.policy.Evaluator} judges
 * a request by it, {@link jarrah.iam.policy.PublicPolicy} tells whether it lets the world in. All of it is pure: no store,
 * no clock, no network; what a request brings along comes in as a {@link jarrah.iam.policy.Context}.
 *
 * <p>Sources: "IAM JSON policy elements reference", "Grammar of the IAM JSON policy language", "Policy evaluation logic",
 * and "The meaning of public" of the S3 user guide. Left out: permissions boundaries, service control policies and
 * session policies.
 */
@NullMarked
package jarrah.iam.policy;

import org.jspecify.annotations.NullMarked;
