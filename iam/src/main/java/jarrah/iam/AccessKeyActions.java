package jarrah.iam;

import jarrah.aws.AwsTime;
import jarrah.aws.QueryXml;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey. */
final class AccessKeyActions {
    private static final int MAX_ID = 128;

    private final Users users;

    AccessKeyActions(Users users) {
        this.users = users;
    }

    void register(Map<String, Iam.Action> actions) {
        actions.put("CreateAccessKey", this::create);
        actions.put("ListAccessKeys", this::list);
        actions.put("UpdateAccessKey", this::update);
        actions.put("DeleteAccessKey", this::delete);
    }

    private QueryXml.Result create(IamCall call) {
        User user = call.user(users);
        AccessKey key = users.createKey(call.accountId(), user.name());
        Users.Key listed = users.keys(call.accountId(), user.name()).stream()
                .filter(one -> one.id().equals(key.id()))
                .findFirst()
                .orElseThrow(() -> new IamException.NoSuchEntity("The access key was deleted meanwhile."));
        return xml -> xml.start("AccessKey")
                .text("UserName", user.name())
                .text("AccessKeyId", key.id())
                .text("Status", listed.status())
                .text("SecretAccessKey", key.secret())
                .text("CreateDate", AwsTime.isoSeconds(listed.created()))
                .end();
    }

    private QueryXml.Result list(IamCall call) {
        User user = call.user(users);
        List<Users.Key> keys = users.keys(call.accountId(), user.name()).stream()
                .sorted(Comparator.comparing(Users.Key::id))
                .toList();
        return xml -> {
            xml.text("UserName", user.name());
            call.page(
                    xml,
                    "AccessKeyMetadata",
                    keys,
                    Users.Key::id,
                    (out, key) -> out.text("UserName", key.userName())
                            .text("AccessKeyId", key.id())
                            .text("Status", key.status())
                            .text("CreateDate", AwsTime.isoSeconds(key.created())));
        };
    }

    private QueryXml.Result update(IamCall call) {
        String id = call.text("AccessKeyId", MAX_ID);
        String status = call.text("Status", MAX_ID);
        if (!status.equals(Accounts.ACTIVE) && !status.equals("Inactive")) {
            throw new IamException.ValidationError("Value '" + status + "' at 'status' failed to satisfy constraint:"
                    + " Member must satisfy enum value set: [Active, Inactive]");
        }
        users.setKeyStatus(call.accountId(), call.user(users).name(), id, status);
        return _ -> {};
    }

    private QueryXml.Result delete(IamCall call) {
        String id = call.text("AccessKeyId", MAX_ID);
        users.deleteKey(call.accountId(), call.user(users).name(), id);
        return _ -> {};
    }
}
