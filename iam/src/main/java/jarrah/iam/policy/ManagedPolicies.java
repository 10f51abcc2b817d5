package jarrah.iam.policy;

import java.util.Map;
import java.util.Optional;

/** Those of the policies made by AWS that are known here, with exactly AWS's statements. */
public final class ManagedPolicies {
    /** Lets its owner do everything. */
    public static final String ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess";

    private static final Map<String, Policy> BY_ARN = Map.of(
            ADMINISTRATOR_ACCESS,
            PolicyParser.identity("""
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"""),
            "arn:aws:iam::aws:policy/AmazonS3FullAccess",
            PolicyParser.identity("""
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*", "s3-object-lambda:*"],
                     "Resource": "*"}]}"""),
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
            PolicyParser.identity("""
                    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*",
                     "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"], "Resource": "*"}]}"""));

    private ManagedPolicies() {}

    /** The policy of an ARN. */
    public static Optional<Policy> of(String arn) {
        return Optional.ofNullable(BY_ARN.get(arn));
    }

    /** Its name: the end of the ARN. */
    public static String name(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }
}
