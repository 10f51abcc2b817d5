package jarrah.server;

import jarrah.accelerator.Accelerator;
import jarrah.http.Exchange;
import jarrah.http.Handler;
import jarrah.http.RequestBody;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes what stores elsewhere tell of changes of their objects, on the operations port: {@code POST} to {@link #PATH} with the
 * token as {@code Bearer}, or as the password of {@code Basic}. Stored answers of such an object are removed.
 *
 * <p>Taken are the records of S3's event notifications ("Event message structure" in its user guide), as webhooks of Jarrah,
 * MinIO and Ceph post them; the same within messages of SNS ("Parsing Amazon SNS message formats"); and S3's events of
 * EventBridge, as an API destination posts them.
 */
final class StoreEvents implements Handler {
    static final String PATH = "/accelerator/events";

    private static final Logger LOG = LoggerFactory.getLogger(StoreEvents.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_BYTES = 1 << 20;

    private final Accelerator accelerator;
    private final Supplier<Optional<String>> token;

    /** @param token the one that is in force; without one nothing is taken */
    StoreEvents(Accelerator accelerator, Supplier<Optional<String>> token) {
        this.accelerator = accelerator;
        this.token = token;
    }

    /** An object of a bucket. */
    private record Changed(String bucket, String key) {}

    /** It is none of the forms. */
    private static final class Unknown extends Exception {}

    @Override
    public void handle(Exchange exchange) throws IOException {
        if (!exchange.request().method().equals("POST")) {
            AdminJson.refuse(exchange, 405, "MethodNotAllowed", "Events are posted.");
            return;
        }
        Optional<String> secret = token.get();
        if (secret.isEmpty()) {
            AdminJson.refuse(exchange, 404, "NotFound", "The accelerator's configuration has no `events`.");
            return;
        }
        if (!knows(exchange.request().headers().first("Authorization"), secret.get())) {
            AdminJson.refuse(exchange, 401, "AccessDenied", "The token is not the one of the configuration.");
            return;
        }
        try {
            Set<Changed> changes = read(JSON.readTree(exchange.body().readAll(MAX_BYTES)));
            int removed = 0;
            for (Changed change : changes) {
                removed += accelerator.changed(change.bucket(), change.key());
            }
            AdminJson.answer(exchange, 200, JSON.createObjectNode().put("removed", removed));
        } catch (JacksonException | Unknown | RequestBody.BodyTooLarge e) {
            AdminJson.refuse(exchange, 400, "ValidationError", "That is no event of a bucket that is known here.");
        }
    }

    private static boolean knows(@Nullable String authorization, String secret) {
        String[] parts =
                authorization == null ? new String[0] : authorization.strip().split(" +", 2);
        if (parts.length < 2) {
            return false;
        }
        String said = parts[1];
        if (parts[0].equalsIgnoreCase("Basic")) {
            try {
                String pair = new String(Base64.getDecoder().decode(parts[1]), StandardCharsets.UTF_8);
                said = pair.substring(pair.indexOf(':') + 1);
            } catch (IllegalArgumentException e) {
                return false;
            }
        } else if (!parts[0].equalsIgnoreCase("Bearer")) {
            return false;
        }
        return MessageDigest.isEqual(said.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
    }

    private static Set<Changed> read(JsonNode message) throws Unknown {
        Set<Changed> changes = new LinkedHashSet<>();
        if (message.path("Records").isArray()) {
            for (JsonNode each : message.path("Records")) {
                JsonNode s3 = each.path("s3");
                String bucket = s3.path("bucket").path("name").asString("");
                String key = s3.path("object").path("key").asString("");
                // AWS encodes keys as forms do; not every store does. What has not changed is fetched once more at
                // worst.
                changes.add(new Changed(bucket, key));
                decoded(key).ifPresent(plain -> changes.add(new Changed(bucket, plain)));
            }
        } else if (message.path("detail").path("object").has("key")) {
            JsonNode detail = message.path("detail");
            changes.add(new Changed(
                    detail.path("bucket").path("name").asString(""),
                    detail.path("object").path("key").asString("")));
        } else if (message.path("Type").asString("").equals("Notification")) {
            return read(inner(message));
        } else if (message.path("Type").asString("").equals("SubscriptionConfirmation")) {
            // Nothing is called because somebody posted its address.
            LOG.info(
                    "SNS asks to confirm that its topic may tell of changes; open this once: {}",
                    message.path("SubscribeURL").asString(""));
        } else if (!message.path("Event").asString("").equals("s3:TestEvent")) {
            throw new Unknown();
        }
        return changes;
    }

    /** What SNS has to say; a message within a message within a message is none. */
    private static JsonNode inner(JsonNode message) throws Unknown {
        JsonNode inner = JSON.readTree(message.path("Message").asString(""));
        if (inner.has("Type")) {
            throw new Unknown();
        }
        return inner;
    }

    private static Optional<String> decoded(String key) {
        try {
            return Optional.of(URLDecoder.decode(key, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
