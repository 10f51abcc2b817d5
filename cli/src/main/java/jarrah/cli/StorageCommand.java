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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code jarrah storage}: what a server stores, and whether it is whole. */
@Command(
        name = "storage",
        description = "Count and check what is stored.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StorageCommand.Stats.class,
            StorageCommand.Verify.class,
            StorageCommand.Scrub.class,
            StorageCommand.Quota.class
        })
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
        private ServerOption server = new ServerOption();

        @Option(names = "--json", description = "Print the answer as JSON.")
        private boolean json;

        @Override
        public Integer call() {
            JsonNode answer = server.client().call("GET", "/storage", JSON.createObjectNode());
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
        private ServerOption server = new ServerOption();

        @Option(names = "--deep", description = "Read all bytes, and compare them with their checksums.")
        private boolean deep;

        @Option(names = "--json", description = "Print a JSON object a line.")
        private boolean json;

        @Override
        public Integer call() {
            return check(
                    Objects.requireNonNull(spec),
                    server,
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
        private ServerOption server = new ServerOption();

        @Option(names = "--json", description = "Print a JSON object a line.")
        private boolean json;

        @Override
        public Integer call() {
            return check(Objects.requireNonNull(spec), server, "/storage/scrub", JSON.createObjectNode(), json);
        }
    }

    /** {@code jarrah storage quota}. */
    @Command(
            name = "quota",
            description = "Show, set or remove how much a bucket may hold.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  jarrah storage quota backups --max-bytes 50G",
                "  jarrah storage quota backups --max-objects 100000",
                "  jarrah storage quota backups",
                "  jarrah storage quota backups --remove"
            })
    static final class Quota implements Callable<Integer> {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private ServerOption server = new ServerOption();

        @Parameters(paramLabel = "BUCKET", description = "Name of the bucket.")
        private String bucket = "";

        @Option(
                names = "--max-bytes",
                paramLabel = "N",
                description = "Bytes of all versions; K, M, G or T behind it are powers of 1,024. 0: no limit.")
        private @Nullable String maxBytes;

        @Option(names = "--max-objects", paramLabel = "N", description = "Number of versions. 0: no limit.")
        private @Nullable Long maxObjects;

        @Option(names = "--remove", description = "Take the limits away.")
        private boolean remove;

        @Option(names = "--json", description = "Print the answer as JSON.")
        private boolean json;

        @Override
        public Integer call() {
            ObjectNode request = JSON.createObjectNode().put("bucket", bucket).put("remove", remove);
            if (maxBytes != null) {
                request.put("maxBytes", bytes(maxBytes));
            }
            if (maxObjects != null) {
                request.put("maxObjects", maxObjects);
            }
            JsonNode answer = server.client().call("POST", "/storage/quota", request);
            PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
            if (json) {
                out.println(answer.toPrettyString());
            } else if (answer.has("bytes")) {
                out.printf("%-8s %16s %16s%n", "", "USED", "LIMIT");
                row(
                        out,
                        "objects",
                        answer.path("objects").asLong(0),
                        answer.path("maxObjects").asLong(0));
                row(
                        out,
                        "bytes",
                        answer.path("bytes").asLong(0),
                        answer.path("maxBytes").asLong(0));
            } else {
                out.printf("%s has no quota%n", bucket);
            }
            return 0;
        }

        private static void row(PrintWriter out, String name, long used, long limit) {
            out.printf("%-8s %16d %16s%n", name, used, limit == 0 ? "-" : Long.toString(limit));
        }

        private static long bytes(String text) {
            int unit = "KMGT".indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
            try {
                long number = Long.parseLong(unit < 0 ? text : text.substring(0, text.length() - 1));
                return Math.multiplyExact(number, 1L << (10 * (unit + 1)));
            } catch (NumberFormatException | ArithmeticException e) {
                throw new CommandFailed("--max-bytes takes a number such as 1000, 500M or 2T, not " + text);
            }
        }
    }

    private static int check(CommandSpec spec, ServerOption server, String path, ObjectNode request, boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        var damaged = new long[1];
        server.client().lines("POST", path, request, line -> {
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
