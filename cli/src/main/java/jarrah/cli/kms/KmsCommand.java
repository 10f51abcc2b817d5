package jarrah.cli.kms;

import jarrah.cli.CommandFailed;
import jarrah.cli.Surroundings;
import jarrah.cli.api.Credentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code jarrah kms}: what is done with keys now and then, in a line each; the AWS CLI does all of it too. */
@Command(
        name = "kms",
        description = "Make, list, rotate and delete the keys that encrypt objects.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  . ~/.jarrah/credentials/jarrahrc",
            "  jarrah kms create --alias archive --description 'for the archive bucket'",
            "  jarrah kms list",
            "  jarrah kms encrypt alias/archive 'a password'",
            "  jarrah kms delete alias/archive --days 7",
            "",
            "KEY is an id, an ARN, or alias/NAME. Exit codes: 0 done, 1 failed, 2 wrong usage."
        })
public final class KmsCommand implements Callable<Integer> {
    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-U", "--url"},
            paramLabel = "URL",
            description = "Endpoint (default: AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL, then AWS).")
    private @Nullable String url;

    @Option(names = "--region", paramLabel = "REGION", description = "Region (default: AWS_REGION, then us-east-1).")
    private @Nullable String region;

    @Mixin
    private Credentials credentials = new Credentials();

    /** @param around has endpoint and credentials in its environment */
    public KmsCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() {
        var line = Objects.requireNonNull(spec).commandLine();
        line.usage(line.getErr());
        return 2;
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    private KmsClient client() {
        return new KmsClient(around, url, region, credentials.key(around, null, null));
    }

    private JsonNode call(String action, ObjectNode request) throws IOException {
        try (KmsClient client = client()) {
            return client.call(action, request);
        }
    }

    private static ObjectNode of(String key) {
        return KmsClient.request().put("KeyId", key);
    }

    private static String alias(String name) {
        return name.startsWith("alias/") ? name : "alias/" + name;
    }

    @Command(description = "Make a key; prints its id and ARN.", mixinStandardHelpOptions = true)
    int create(
            @Option(names = "--alias", paramLabel = "NAME", description = "A name for it.") @Nullable String alias,
            @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.", defaultValue = "")
                    String description)
            throws IOException {
        try (KmsClient client = client()) {
            JsonNode key = client.call("CreateKey", KmsClient.request().put("Description", description))
                    .path("KeyMetadata");
            String id = key.path("KeyId").asString("");
            out().println("KEY\t" + id + "\t" + key.path("Arn").asString(""));
            out().flush();
            if (alias != null) {
                client.call(
                        "CreateAlias",
                        KmsClient.request().put("AliasName", alias(alias)).put("TargetKeyId", id));
                out().println("ALIAS\t" + alias(alias) + "\t" + id);
            }
        }
        return 0;
    }

    @Command(description = "List the keys of the account, and their aliases.", mixinStandardHelpOptions = true)
    int list() throws IOException {
        try (KmsClient client = client()) {
            var aliases = new HashMap<String, List<String>>();
            for (JsonNode alias : client.all("ListAliases", "Aliases")) {
                aliases.computeIfAbsent(alias.path("TargetKeyId").asString(""), _ -> new ArrayList<>())
                        .add(alias.path("AliasName").asString(""));
            }
            for (JsonNode key : client.all("ListKeys", "Keys")) {
                String id = key.path("KeyId").asString("");
                JsonNode about = client.call("DescribeKey", of(id)).path("KeyMetadata");
                out().println(String.join(
                        "\t",
                        "KEY",
                        id,
                        about.path("KeyState").asString(""),
                        about.path("KeyManager").asString(""),
                        String.join(",", aliases.getOrDefault(id, List.of())),
                        about.path("Description").asString("")));
            }
        }
        return 0;
    }

    @Command(description = "Say all about a key.", mixinStandardHelpOptions = true)
    int describe(@Parameters(paramLabel = "KEY") String key) throws IOException {
        JsonNode about = call("DescribeKey", of(key)).path("KeyMetadata");
        var sorted = new TreeMap<String, String>();
        about.properties().forEach(field -> {
            boolean date = field.getKey().endsWith("Date");
            JsonNode value = field.getValue();
            sorted.put(
                    field.getKey(),
                    date
                            ? Instant.ofEpochSecond(value.asLong()).toString()
                            : value.isString() ? value.asString() : value.toString());
        });
        sorted.forEach((name, value) -> out().println(name + "\t" + value));
        return 0;
    }

    @Command(description = "Let a key be used again.", mixinStandardHelpOptions = true)
    int enable(@Parameters(paramLabel = "KEY") String key) throws IOException {
        call("EnableKey", of(id(key)));
        return 0;
    }

    @Command(description = "Let a key not be used: what it encrypted cannot be read.", mixinStandardHelpOptions = true)
    int disable(@Parameters(paramLabel = "KEY") String key) throws IOException {
        call("DisableKey", of(id(key)));
        return 0;
    }

    @Command(
            description = "Give a key fresh material; what the old one encrypted still opens.",
            mixinStandardHelpOptions = true)
    int rotate(@Parameters(paramLabel = "KEY") String key) throws IOException {
        call("RotateKeyOnDemand", of(id(key)));
        return 0;
    }

    @Command(
            description = "Delete a key after some days, in which it cannot be used. What it encrypted is lost then.",
            mixinStandardHelpOptions = true)
    int delete(
            @Parameters(paramLabel = "KEY") String key,
            @Option(
                            names = "--days",
                            paramLabel = "N",
                            defaultValue = "30",
                            description = "7 to 30 (default: ${DEFAULT-VALUE}).")
                    int days)
            throws IOException {
        JsonNode answer = call("ScheduleKeyDeletion", of(id(key)).put("PendingWindowInDays", days));
        out().println("DELETION\t" + answer.path("KeyId").asString("") + "\t"
                + Instant.ofEpochSecond(answer.path("DeletionDate").asLong()));
        return 0;
    }

    @Command(description = "Do not delete a key after all; it is disabled.", mixinStandardHelpOptions = true)
    int keep(@Parameters(paramLabel = "KEY") String key) throws IOException {
        call("CancelKeyDeletion", of(id(key)));
        return 0;
    }

    @Command(description = "Name a key; a name that is there moves to it.", mixinStandardHelpOptions = true)
    int alias(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "KEY", arity = "0..1") @Nullable String key,
            @Option(names = "--delete", description = "Take the name away; the key stays.") boolean delete)
            throws IOException {
        if (delete == (key != null)) {
            throw new CommandFailed("give a name and a key, or a name and --delete");
        }
        ObjectNode request = KmsClient.request().put("AliasName", alias(name));
        try (KmsClient client = client()) {
            if (key == null) {
                client.call("DeleteAlias", request);
                return 0;
            }
            request.put(
                    "TargetKeyId",
                    client.call("DescribeKey", of(key))
                            .path("KeyMetadata")
                            .path("KeyId")
                            .asString(""));
            boolean there = client.all("ListAliases", "Aliases").stream()
                    .anyMatch(alias -> alias.path("AliasName").asString("").equals(alias(name)));
            client.call(there ? "UpdateAlias" : "CreateAlias", request);
        }
        return 0;
    }

    @Command(description = "Encrypt a text of up to 4 KiB; prints Base64.", mixinStandardHelpOptions = true)
    int encrypt(
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "TEXT") String text,
            @Option(names = "--context", paramLabel = "NAME=VALUE", description = "To be given again to decrypt.")
                    @Nullable
                    Map<String, String> context)
            throws IOException {
        byte[] plain = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        out().println(call("Encrypt", withContext(of(key).put("Plaintext", plain), context))
                .path("CiphertextBlob")
                .asString(""));
        return 0;
    }

    @Command(description = "Decrypt what encrypt printed.", mixinStandardHelpOptions = true)
    int decrypt(
            @Parameters(paramLabel = "BASE64") String sealed,
            @Option(names = "--context", paramLabel = "NAME=VALUE", description = "As it was given to encrypt.")
                    @Nullable
                    Map<String, String> context)
            throws IOException {
        JsonNode answer = call("Decrypt", withContext(KmsClient.request().put("CiphertextBlob", sealed), context));
        out().println(new String(
                java.util.Base64.getDecoder().decode(answer.path("Plaintext").asString("")),
                java.nio.charset.StandardCharsets.UTF_8));
        return 0;
    }

    private static ObjectNode withContext(ObjectNode request, @Nullable Map<String, String> context) {
        if (context != null) {
            ObjectNode pairs = request.putObject("EncryptionContext");
            context.forEach(pairs::put);
        }
        return request;
    }

    /** Calls that change a key take no alias ("KeyId" in the API reference of each). */
    private String id(String key) throws IOException {
        return key.contains("alias/")
                ? call("DescribeKey", of(key)).path("KeyMetadata").path("KeyId").asString("")
                : key;
    }
}
