package jarrah.cli;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code jarrah storage}: what a server stores, and whether it is whole. */
@Command(
        name = "storage",
        description = "Count and check what is stored.",
        mixinStandardHelpOptions = true,
        subcommands = {StorageCommand.Stats.class, StorageCommand.Verify.class, StorageCommand.Scrub.class})
final class StorageCommand implements Callable<Integer> {
    private static final JsonMapper JSON = new JsonMapper();
    /** Something is damaged. */
    private static final int DAMAGED = 3;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine line = Objects.requireNonNull(spec).commandLine();
        line.usage(line.getErr());
        return 2;
    }

    /** {@code jarrah storage stats}. */
    @Command(
            name = "stats",
            description = "Count objects, versions and bytes, by bucket and storage class.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jarrah storage stats", "  jarrah storage stats --json"})
    static final class Stats implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private DataDirectoryOption data = new DataDirectoryOption();

        @Option(names = "--json", description = "Print the answer as JSON.")
        private boolean json;

        @Override
        public Integer call() {
            JsonNode answer = new AdminClient(data.directory()).call("GET", "/storage", JSON.createObjectNode());
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            if (json) {
                out.println(answer.toPrettyString());
                return 0;
            }
            String row = "%-40s %-20s %10s %10s %16s%n";
            out.printf(row, "BUCKET", "CLASS", "OBJECTS", "VERSIONS", "BYTES");
            for (JsonNode bucket : answer.path("buckets")) {
                String name = bucket.path("name").asString("");
                if (bucket.path("classes").isEmpty()) {
                    out.printf(row, name, "-", 0, 0, 0);
                }
                for (JsonNode amount : bucket.path("classes")) {
                    out.printf(
                            row,
                            name,
                            amount.path("storageClass").asString(""),
                            amount.path("objects").asLong(0),
                            amount.path("versions").asLong(0),
                            amount.path("bytes").asLong(0));
                }
            }
            out.printf(
                    "%ndelete markers      %d%n", answer.path("deleteMarkers").asLong(0));
            out.printf("unfinished uploads  %d%n", answer.path("uploads").asLong(0));
            out.printf("bytes of parts      %d%n", answer.path("partBytes").asLong(0));
            out.printf("to be given back    %d%n", answer.path("garbage").asLong(0));
            out.printf(
                    "blobs on the disk   %d, %d bytes%n",
                    answer.path("blobs").asLong(0), answer.path("blobBytes").asLong(0));
            return 0;
        }
    }

    /** {@code jarrah storage verify}. */
    @Command(
            name = "verify",
            description = "Check that the content of each object, version and part is there and of the right size.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jarrah storage verify", "  jarrah storage verify --deep", "", "Exit code 3: damage was found."
            })
    static final class Verify implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private DataDirectoryOption data = new DataDirectoryOption();

        @Option(names = "--deep", description = "Read all bytes, and compare them with their checksums.")
        private boolean deep;

        @Option(names = "--json", description = "Print a JSON object a line.")
        private boolean json;

        @Override
        public Integer call() {
            return check(
                    Objects.requireNonNull(spec),
                    data,
                    "/storage/verify",
                    JSON.createObjectNode().put("deep", deep),
                    json);
        }
    }

    /** {@code jarrah storage scrub}. */
    @Command(
            name = "scrub",
            description = "Read all blobs now and compare them with their checksums.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {"  jarrah storage scrub", "", "Ctrl-C ends it. Exit code 3: damage was found."})
    static final class Scrub implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private DataDirectoryOption data = new DataDirectoryOption();

        @Option(names = "--json", description = "Print a JSON object a line.")
        private boolean json;

        @Override
        public Integer call() {
            return check(Objects.requireNonNull(spec), data, "/storage/scrub", JSON.createObjectNode(), json);
        }
    }

    private static int check(
            CommandSpec spec, DataDirectoryOption data, String path, ObjectNode request, boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        var damaged = new long[1];
        new AdminClient(data.directory()).lines("POST", path, request, line -> {
            damaged[0] = line.path("done").path("damaged").asLong(0);
            out.println(json ? line.toString() : text(line));
            out.flush();
        });
        return damaged[0] == 0 ? 0 : DAMAGED;
    }

    private static String text(JsonNode line) {
        JsonNode found = line.path("damaged");
        if (found.isObject()) {
            return "DAMAGED " + found.path("subject").asString("") + ": "
                    + found.path("why").asString("");
        }
        JsonNode done = line.path("done");
        return done.isObject()
                ? "done: " + amounts(done) + ", " + done.path("damaged").asLong(0) + " damaged"
                : "so far: " + amounts(line.path("progress"));
    }

    private static String amounts(JsonNode node) {
        return node.path("contents").asLong(0) + " contents, "
                + node.path("bytes").asLong(0) + " bytes";
    }
}
