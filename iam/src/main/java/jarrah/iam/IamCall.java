package jarrah.iam;

import jarrah.aws.QueryRequest;
import jarrah.aws.XmlWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call of an IAM action, with what every action asks of its parameters.
 *
 * @param caller whose account the call is about: IAM knows no other
 */
record IamCall(QueryRequest request, Principal.User caller, Authorizer authorizer) {
    private static final Pattern NAME = Pattern.compile("[\\w+=,.@-]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern PATH = Pattern.compile("/|/[!-~]{1,510}/");
    private static final int MAX_ITEMS = 1_000;
    private static final int DEFAULT_ITEMS = 100;

    String accountId() {
        return caller.accountId();
    }

    /** Passes if the caller may do this to a user of its account. */
    void requireOn(String userArn) {
        authorizer.require(caller, "iam:" + request.action(), userArn, request);
    }

    /** The user that is meant, the caller's own if none is named, if the caller may do this to it. */
    User user(Users users) {
        String named = request.get("UserName");
        String name = named == null ? caller.name() : name("UserName", "userName", 128);
        User user = Users.orNull(users, accountId(), name);
        requireOn(user == null ? "arn:aws:iam::" + accountId() + ":user/" + name : user.arn(accountId()));
        return user == null ? users.get(accountId(), name) : user;
    }

    /** A parameter that must be there. */
    String text(String parameter, int most) {
        String value = request.get(parameter);
        if (value == null || value.isEmpty() || value.length() > most) {
            throw new IamException.ValidationError(
                    "The parameter " + parameter + " is required and has 1 to " + most + " characters.");
        }
        return value;
    }

    /** A parameter that is the name of something. */
    String name(String parameter, String spoken, int most) {
        String value = text(parameter, most);
        if (!NAME.matcher(value).matches()) {
            throw new IamException.ValidationError("The specified value for " + spoken
                    + " is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-");
        }
        return value;
    }

    /** The path of something new; {@code /} unless told. */
    String path() {
        String path = request.get("Path");
        if (path == null) {
            return "/";
        }
        if (!PATH.matcher(path).matches()) {
            throw new IamException.ValidationError("The specified value for path is invalid. It must begin and end with"
                    + " / and contain only alphanumeric characters and/or / characters.");
        }
        return path;
    }

    /** Writes a page of a list as {@code MaxItems} and {@code Marker} ask for it. */
    <T> void page(XmlWriter xml, String root, List<T> all, Function<T, String> name, BiConsumer<XmlWriter, T> write) {
        int limit = maxItems();
        String after = marker();
        List<T> rest = all.stream()
                .filter(one -> after.isEmpty() || name.apply(one).compareTo(after) > 0)
                .toList();
        boolean more = rest.size() > limit;
        List<T> page = more ? rest.subList(0, limit) : rest;
        xml.start(root);
        for (T one : page) {
            xml.start("member");
            write.accept(xml, one);
            xml.end();
        }
        xml.end().text("IsTruncated", more);
        if (more) {
            byte[] last = name.apply(page.getLast()).getBytes(StandardCharsets.UTF_8);
            xml.text("Marker", Base64.getUrlEncoder().withoutPadding().encodeToString(last));
        }
    }

    private int maxItems() {
        String text = request.get("MaxItems");
        try {
            int items = text == null ? DEFAULT_ITEMS : Integer.parseInt(text);
            if (items >= 1 && items <= MAX_ITEMS) {
                return items;
            }
        } catch (NumberFormatException e) {
            throw new IamException.ValidationError("MaxItems must be a number from 1 to " + MAX_ITEMS + ".");
        }
        throw new IamException.ValidationError("MaxItems must be a number from 1 to " + MAX_ITEMS + ".");
    }

    private String marker() {
        @Nullable String marker = request.get("Marker");
        try {
            return marker == null ? "" : new String(Base64.getUrlDecoder().decode(marker), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IamException.ValidationError("Invalid Marker.");
        }
    }
}
