package jarrah.ec2.wire;

import jarrah.aws.Authentication;
import jarrah.aws.AwsException;
import jarrah.aws.BodySigning;
import jarrah.aws.CredentialScope;
import jarrah.aws.QueryRequest;
import jarrah.aws.RequestId;
import jarrah.ec2.compute.ComputeFixture;
import jarrah.iam.Authorizer;
import jarrah.iam.Principal;
import jarrah.iam.policy.IdentityPolicies;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Calls actions as the first account's administrator. */
final class Calls {
    static final Principal.User CALLER = new Principal.User(
            "111122223333",
            "a".repeat(64),
            "one",
            "admin",
            "arn:aws:iam::111122223333:user/admin",
            "AIDAADMIN",
            "AKIAADMIN",
            Map.of(),
            IdentityPolicies.NONE);

    private final Ec2Actions actions;
    private final String accessKeyId;

    Calls(ComputeFixture cloud) {
        actions = new Ec2Actions(cloud.compute, cloud.accounts, new Authorizer(Clock.systemUTC()), cloud.box);
        accessKeyId = cloud.admin.id();
    }

    /** A request of these names and values. */
    static QueryRequest request(String action, String... parameters) {
        var form = new StringBuilder("Version=2016-11-15&Action=" + action);
        for (int i = 0; i < parameters.length; i += 2) {
            form.append('&').append(parameters[i]).append('=');
            form.append(URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8));
        }
        return QueryRequest.parse(null, form.toString());
    }

    /** The document that answers. */
    String call(String action, String... parameters) {
        var caller = new Authentication.Signed(
                accessKeyId,
                new CredentialScope("20261122", "us-east-1", "ec2"),
                Instant.EPOCH,
                false,
                new BodySigning.Unsigned());
        return new String(actions.call(request(action, parameters), caller, RequestId.query()), StandardCharsets.UTF_8);
    }

    /** The error that answers: code and status. */
    String error(String action, String... parameters) {
        try {
            return "no error: " + call(action, parameters);
        } catch (AwsException e) {
            return e.code() + " " + e.status();
        }
    }

    /** The text of the first element of that name. */
    static String text(String document, String element) {
        Matcher matcher = Pattern.compile("<" + element + ">([^<]*)<").matcher(document);
        if (!matcher.find()) {
            throw new AssertionError("no " + element + " in " + document);
        }
        return matcher.group(1);
    }
}
