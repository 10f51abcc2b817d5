package jarrah.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code jarrah account}: the accounts of a server. */
@Command(
        name = "account",
        description = "Make and list accounts.",
        mixinStandardHelpOptions = true,
        subcommands = {AccountCommand.Create.class, AccountCommand.ListAll.class})
final class AccountCommand implements Callable<Integer> {
    private static final JsonMapper JSON = new JsonMapper();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
        line.usage(line.getErr());
        return 2;
    }

    /** {@code jarrah account create}. */
    @Command(
            name = "create",
            description = "Make an account with an administrator and an access key, and write its credentials.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  jarrah account create team-a",
                "  jarrah account create ci --id 123456789012 --access-key-id AKIACIEXAMPLE000001 \\",
                "      --secret-access-key \"$SECRET\"",
                "",
                "The same call again is harmless; other values for the same name are an error."
            })
    static final class Create implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private ServerOption server = new ServerOption();

        @Parameters(paramLabel = "NAME", description = "Name of the account: a-z, 0-9, '-', '_' and '.', up to 63.")
        private String name = "";

        @Option(names = "--id", paramLabel = "ID", description = "Account id, twelve digits (default: made up).")
        private @Nullable String id;

        @Option(names = "--access-key-id", paramLabel = "ID", description = "Access key id (default: made up).")
        private @Nullable String accessKeyId;

        @Option(names = "--secret-access-key", paramLabel = "SECRET", description = "Its secret (default: made up).")
        private @Nullable String secretAccessKey;

        @Option(
                names = "--email",
                paramLabel = "ADDRESS",
                description = "E-mail address by which S3's grants may name the account (default: none).")
        private @Nullable String email;

        @Option(names = "--json", description = "Print the answer as JSON, secret included.")
        private boolean json;

        @Override
        public Integer call() {
            ObjectNode request = JSON.createObjectNode().put("name", name);
            put(request, "id", id);
            put(request, "accessKeyId", accessKeyId);
            put(request, "secretAccessKey", secretAccessKey);
            put(request, "email", email);
            JsonNode answer = server.client().call("POST", "/accounts", request);
            PrintWriter out =
                    java.util.Objects.requireNonNull(spec).commandLine().getOut();
            if (json) {
                out.println(answer.toPrettyString());
            } else {
                out.printf("account      %s (%s)%n", text(answer, "id"), text(answer, "name"));
                out.printf("access key   %s%n", text(answer, "accessKeyId"));
                out.printf("credentials  . %s/jarrahrc%n", text(answer, "credentials"));
            }
            return 0;
        }

        private static void put(ObjectNode request, String key, @Nullable String value) {
            if (value != null) {
                request.put(key, value);
            }
        }
    }

    /** {@code jarrah account list}. */
    @Command(
            name = "list",
            description = "List the accounts.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jarrah account list", "  jarrah account list --json"})
    static final class ListAll implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private ServerOption server = new ServerOption();

        @Option(names = "--json", description = "Print the answer as JSON.")
        private boolean json;

        @Override
        public Integer call() {
            JsonNode answer = server.client().call("GET", "/accounts", JSON.createObjectNode());
            PrintWriter out =
                    java.util.Objects.requireNonNull(spec).commandLine().getOut();
            if (json) {
                out.println(answer.toPrettyString());
                return 0;
            }
            out.printf("%-14s %-24s %s%n", "ACCOUNT", "NAME", "CREATED");
            for (JsonNode account : answer.path("accounts")) {
                out.printf("%-14s %-24s %s%n", text(account, "id"), text(account, "name"), text(account, "created"));
            }
            return 0;
        }
    }

    private static String text(JsonNode node, String name) {
        return node.path(name).asString("");
    }
}
