package jarrah.iam;

import jarrah.aws.QueryXml;
import jarrah.aws.UriEncoding;
import jarrah.iam.policy.ManagedPolicies;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The inline policies of users, and those of AWS's managed policies that are attached to them. */
final class UserPolicyActions {
    private static final int MAX_NAME = 128;
    private static final int MAX_DOCUMENT = 131_072;

    private final Users users;

    UserPolicyActions(Users users) {
        this.users = users;
    }

    void register(Map<String, Iam.Action> actions) {
        actions.put("PutUserPolicy", this::put);
        actions.put("GetUserPolicy", this::get);
        actions.put("ListUserPolicies", this::list);
        actions.put("DeleteUserPolicy", this::delete);
        actions.put("AttachUserPolicy", this::attach);
        actions.put("DetachUserPolicy", this::detach);
        actions.put("ListAttachedUserPolicies", this::listAttached);
    }

    private User named(IamCall call) {
        call.text("UserName", MAX_NAME);
        return call.user(users);
    }

    private static String policyName(IamCall call) {
        return call.name("PolicyName", "policyName", MAX_NAME);
    }

    private QueryXml.Result put(IamCall call) {
        String name = policyName(call);
        String document = call.text("PolicyDocument", MAX_DOCUMENT);
        users.putPolicy(call.accountId(), named(call).name(), name, document);
        return _ -> {};
    }

    private QueryXml.Result get(IamCall call) {
        String name = policyName(call);
        User user = named(call);
        String document = users.policy(call.accountId(), user.name(), name);
        return xml -> xml.text("UserName", user.name())
                .text("PolicyName", name)
                // RFC 3986, as the API reference has it.
                .text("PolicyDocument", UriEncoding.encode(document));
    }

    private QueryXml.Result list(IamCall call) {
        List<String> names = users.policyNames(call.accountId(), named(call).name());
        return xml -> call.page(xml, "PolicyNames", names, UnaryOperator.identity(), (out, name) -> out.content(name));
    }

    private QueryXml.Result delete(IamCall call) {
        String name = policyName(call);
        users.deletePolicy(call.accountId(), named(call).name(), name);
        return _ -> {};
    }

    private QueryXml.Result attach(IamCall call) {
        users.attach(call.accountId(), named(call).name(), call.text("PolicyArn", 2_048));
        return _ -> {};
    }

    private QueryXml.Result detach(IamCall call) {
        users.detach(call.accountId(), named(call).name(), call.text("PolicyArn", 2_048));
        return _ -> {};
    }

    private QueryXml.Result listAttached(IamCall call) {
        List<String> arns = named(call).attached().stream().sorted().toList();
        return xml -> call.page(
                xml,
                "AttachedPolicies",
                arns,
                UnaryOperator.identity(),
                (out, arn) -> out.text("PolicyName", ManagedPolicies.name(arn)).text("PolicyArn", arn));
    }
}
