package jarrah.cli.accelerator;

import jarrah.cli.AdminClient;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The options of all commands that look at answers as they leave, and the stream of these. */
final class Live {
    static final JsonMapper JSON = new JsonMapper();

    /** Clears the screen and goes to its first line (ECMA-48). */
    private static final String CLEAR = "\033[H\033[2J";

    @Option(names = "--site", paramLabel = "PATTERN", description = "Only of sites whose names match (* and ?).")
    private @Nullable String site;

    @Option(names = "--handling", paramLabel = "KIND", description = "Only hit, grace, miss, joined, pass or refused.")
    private @Nullable String handling;

    @Option(names = "--status", paramLabel = "NNN", description = "Only of that status; x for any digit, such as 5xx.")
    private @Nullable String status;

    @Option(names = "--path", paramLabel = "PATTERN", description = "Only of paths (with query) that match (* and ?).")
    private @Nullable String path;

    /**
     * Follows the answers until so many have come; stops by Ctrl-C.
     *
     * @param client of the server
     * @param limit how many; 0 for no end
     * @param answer takes each
     * @param idle runs when nothing happens, every few seconds
     */
    void follow(AdminClient client, long limit, Consumer<JsonNode> answer, Consumer<String> idle) {
        ObjectNode filter = JSON.createObjectNode();
        put(filter, "site", site);
        put(filter, "handling", handling);
        put(filter, "status", status);
        put(filter, "path", path);
        if (limit > 0) {
            filter.put("limit", limit);
        }
        client.lines("POST", "/accelerator/log", filter, line -> {
            if (line.has("status")) {
                answer.accept(line);
            } else if (line.has("missed")) {
                idle.accept(line.path("missed").asLong(0) + " answers were too many to tell");
            } else {
                idle.accept("");
            }
        });
    }

    private static void put(ObjectNode filter, String name, @Nullable String value) {
        if (value != null) {
            filter.put(name, value);
        }
    }

    /** Begins a picture anew: on a terminal in place of the last. */
    static void begin(PrintWriter out) {
        if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()) {
            out.print(CLEAR);
        } else {
            out.println();
        }
    }

    /** Bytes as people read them: {@code 1.4M}. */
    static String size(long bytes) {
        String[] units = {"B", "K", "M", "G", "T", "P"};
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + "B" : String.format(java.util.Locale.ROOT, "%.1f%s", amount, units[unit]);
    }
}
