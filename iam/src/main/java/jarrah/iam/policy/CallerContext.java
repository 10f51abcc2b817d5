package jarrah.iam.policy;

import jarrah.iam.Principal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The global condition keys of a request ("AWS global condition context keys").
 *
 * @param sourceIp the peer's address, in figures; null if it did not come over a network
 * @param secure whether it came over TLS, or over no network at all
 * @param viaService whether a service made it on the principal's behalf
 */
public record CallerContext(
        Principal principal,
        Instant now,
        @Nullable String sourceIp,
        boolean secure,
        boolean viaService,
        @Nullable String userAgent,
        @Nullable String referer)
        implements Context {
    private static final String TAG = "aws:principaltag/";

    @Override
    public List<String> values(String key) {
        return switch (key) {
            case "aws:sourceip" -> one(sourceIp);
            case "aws:securetransport" -> one(Boolean.toString(secure));
            case "aws:viaawsservice" -> one(Boolean.toString(viaService));
            case "aws:useragent" -> one(userAgent);
            case "aws:referer" -> one(referer);
            case "aws:currenttime" -> one(now.truncatedTo(ChronoUnit.SECONDS).toString());
            case "aws:epochtime" -> one(Long.toString(now.getEpochSecond()));
            default -> ofPrincipal(key);
        };
    }

    private List<String> ofPrincipal(String key) {
        if (!(principal instanceof Principal.User user)) {
            return key.equals("aws:principaltype") ? List.of("Anonymous") : List.of();
        }
        if (key.startsWith(TAG)) {
            Map<String, String> tags = user.tags();
            return one(tags.get(key.substring(TAG.length())));
        }
        return switch (key) {
            case "aws:principalarn" -> one(user.arn());
            case "aws:principalaccount" -> one(user.accountId());
            case "aws:principaltype" -> one("User");
            case "aws:userid" -> one(user.userId());
            case "aws:username" -> one(user.name());
            default -> List.of();
        };
    }

    private static List<String> one(@Nullable String value) {
        return value == null ? List.of() : List.of(value);
    }
}
