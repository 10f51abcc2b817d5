package jarrah.s3.wire;

import jarrah.iam.policy.Context;
import jarrah.iam.policy.Policy;
import jarrah.iam.policy.PolicyException;
import jarrah.iam.policy.PolicyParser;
import jarrah.iam.policy.PublicPolicy;
import jarrah.iam.policy.Statement;
import jarrah.iam.policy.Template;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A bucket's policy, parsed.
 *
 * @param isPublic whether it lets the world in, by AWS's definition
 */
record BucketPolicy(Policy rules, boolean isPublic) {
    /** AWS's limit. */
    static final int MAX_BYTES = 20 * 1024;

    private static final String ARN = "arn:aws:s3:::";

    /** A policy that was taken once. */
    static BucketPolicy stored(byte[] document) {
        Policy rules = PolicyParser.resource(new String(document, StandardCharsets.UTF_8));
        return new BucketPolicy(rules, PublicPolicy.isPublic(rules));
    }

    /**
     * Reads a policy that a bucket is to have.
     *
     * @throws S3WireException.MalformedPolicy if it is none, or speaks of anything but this bucket and its objects
     */
    static BucketPolicy parse(byte[] document, String bucket) {
        if (document.length > MAX_BYTES) {
            throw new S3WireException.MalformedPolicy("Policy exceeds the maximum allowed document size.");
        }
        try {
            BucketPolicy policy = stored(document);
            policy.rules().statements().forEach(statement -> requireApplies(statement, bucket));
            return policy;
        } catch (PolicyException e) {
            throw new S3WireException.MalformedPolicy(String.valueOf(e.getMessage()));
        }
    }

    private static void requireApplies(Statement statement, String bucket) {
        boolean ofBucket = false;
        boolean ofObjects = false;
        for (Template resource : statement.resources()) {
            boolean namesBucket = resource.matches(ARN + bucket, Context.EMPTY);
            boolean namesObjects = namesObjects(resource, bucket);
            if (!namesBucket && !namesObjects) {
                throw new PolicyException("Policy has invalid resource");
            }
            ofBucket |= namesBucket;
            ofObjects |= namesObjects;
        }
        for (Template action : statement.actions()) {
            boolean bucketAction = isOne(action, S3Action.OF_BUCKETS);
            boolean objectAction = isOne(action, S3Action.OF_OBJECTS);
            if (!bucketAction && !objectAction) {
                throw new PolicyException("Policy has invalid action");
            }
            boolean applies = bucketAction && ofBucket || objectAction && ofObjects;
            if (!applies && !statement.notActions() && !statement.notResources()) {
                throw new PolicyException("Action does not apply to any resource(s) in statement");
            }
        }
    }

    private static boolean isOne(Template action, List<String> names) {
        for (String name : names) {
            if (action.matchesIgnoreCase(name, Context.EMPTY)) {
                return true;
            }
        }
        return false;
    }

    private static boolean namesObjects(Template resource, String bucket) {
        String text = resource.source();
        int slash = text.indexOf('/');
        if (slash < 0) {
            // A star at the end reaches over the slash.
            return resource.matches(ARN + bucket + "/key", Context.EMPTY);
        }
        return Template.pattern(text.substring(0, slash), false).matches(ARN + bucket, Context.EMPTY);
    }
}
