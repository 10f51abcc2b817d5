package jarrah.iam;

import jarrah.aws.AwsTime;
import jarrah.aws.QueryXml;
import jarrah.aws.XmlWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** CreateUser, GetUser, ListUsers, DeleteUser, TagUser, UntagUser, ListUserTags, ListGroupsForUser. */
final class UserActions {
    private static final int MAX_NAME = 64;
    private static final int MAX_TAG_KEY = 128;
    private static final int MAX_TAG_VALUE = 256;

    private final Users users;
    private final Certificates certificates;

    UserActions(Users users, Certificates certificates) {
        this.users = users;
        this.certificates = certificates;
    }

    void register(Map<String, Iam.Action> actions) {
        actions.put("CreateUser", this::create);
        actions.put("GetUser", this::get);
        actions.put("ListUsers", this::list);
        actions.put("DeleteUser", this::delete);
        actions.put("TagUser", this::tag);
        actions.put("UntagUser", this::untag);
        actions.put("ListUserTags", this::listTags);
        actions.put("ListGroupsForUser", this::listGroups);
    }

    private QueryXml.Result create(IamCall call) {
        String name = call.name("UserName", "userName", MAX_NAME);
        String path = call.path();
        call.requireOn("arn:aws:iam::" + call.accountId() + ":user" + path + name);
        User user = users.create(call.accountId(), name, path, tags(call));
        return xml -> write(xml, call, user, true);
    }

    private QueryXml.Result get(IamCall call) {
        User user = call.user(users);
        return xml -> write(xml, call, user, true);
    }

    private static void write(XmlWriter xml, IamCall call, User user, boolean withTags) {
        xml.start("User");
        fields(xml, call, user);
        if (withTags && !user.tags().isEmpty()) {
            xml.start("Tags");
            writeTags(xml, user);
            xml.end();
        }
        xml.end();
    }

    private static void fields(XmlWriter xml, IamCall call, User user) {
        xml.text("Path", user.path())
                .text("UserName", user.name())
                .text("UserId", user.userId())
                .text("Arn", user.arn(call.accountId()))
                .text("CreateDate", AwsTime.isoSeconds(user.created()));
    }

    private static void writeTags(XmlWriter xml, User user) {
        new TreeMap<>(user.tags())
                .forEach((key, value) -> xml.start("member")
                        .text("Key", key)
                        .text("Value", value)
                        .end());
    }

    private QueryXml.Result list(IamCall call) {
        call.requireOn("arn:aws:iam::" + call.accountId() + ":user/");
        String prefix = call.request().get("PathPrefix") == null ? "/" : call.text("PathPrefix", 512);
        List<User> found = users.list(call.accountId()).stream()
                .filter(user -> user.path().startsWith(prefix))
                .toList();
        return xml -> call.page(
                xml,
                "Users",
                found,
                user -> user.name().toLowerCase(java.util.Locale.ROOT),
                (out, user) -> fields(out, call, user));
    }

    private QueryXml.Result delete(IamCall call) {
        call.text("UserName", MAX_NAME);
        User user = call.user(users);
        users.delete(
                call.accountId(),
                user.name(),
                !certificates.list(call.accountId(), user.name()).isEmpty());
        return _ -> {};
    }

    private static Map<String, String> tags(IamCall call) {
        var tags = new HashMap<String, String>();
        for (int i = 1; call.request().has("Tags.member." + i + "."); i++) {
            String key = call.text("Tags.member." + i + ".Key", MAX_TAG_KEY);
            String value = call.request().get("Tags.member." + i + ".Value");
            if (value == null || value.length() > MAX_TAG_VALUE) {
                throw new IamException.ValidationError(
                        "The value of a tag has at most " + MAX_TAG_VALUE + " characters.");
            }
            if (tags.put(key, value) != null) {
                throw new IamException.ValidationError(
                        "Duplicate tag keys found. Please note that Tag keys are case" + " insensitive.");
            }
        }
        return tags;
    }

    private QueryXml.Result tag(IamCall call) {
        User user = call.user(users);
        Map<String, String> more = tags(call);
        users.tag(call.accountId(), user.name(), old -> {
            var all = new HashMap<>(old);
            all.putAll(more);
            return all;
        });
        return _ -> {};
    }

    private QueryXml.Result untag(IamCall call) {
        User user = call.user(users);
        List<String> keys = call.request().list("TagKeys");
        users.tag(call.accountId(), user.name(), old -> {
            var left = new HashMap<>(old);
            left.keySet().removeAll(keys);
            return left;
        });
        return _ -> {};
    }

    private QueryXml.Result listTags(IamCall call) {
        User user = call.user(users);
        return xml -> {
            xml.start("Tags");
            writeTags(xml, user);
            xml.end().text("IsTruncated", false);
        };
    }

    /** There are no groups here, so nobody is in one; clients ask before they delete a user. */
    private QueryXml.Result listGroups(IamCall call) {
        call.user(users);
        return xml -> xml.start("Groups").end().text("IsTruncated", false);
    }
}
