package jarrah.cli.accelerator;

import jarrah.cli.CommandFailed;
import jarrah.cli.ServerOption;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** {@code jarrah accelerator ban}: removes all that matches. */
@Command(
        name = "ban",
        description =
                "Remove all that is stored and matches every option given; * stands for any characters, ? for one.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator ban --site downloads --path '/tools/*.tar.gz'",
            "  jarrah accelerator ban --tag product-17 --tag product-18 --soft",
            "  jarrah accelerator ban --field 'Content-Type=image/*'",
            "",
            "Tags are what origins name in Surrogate-Key, xkey or Cache-Tag. A ban removes what is there now;",
            "what comes after it is stored again."
        },
        mixinStandardHelpOptions = true)
final class BanCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--site", paramLabel = "PATTERN", description = "Of sites whose names match.")
    private @Nullable String site;

    @Option(names = "--path", paramLabel = "PATTERN", description = "Whose path matches (after rewrites).")
    private @Nullable String path;

    @Option(names = "--field", paramLabel = "NAME=PATTERN", description = "Whose header field of that name matches.")
    private @Nullable String field;

    @Option(names = "--tag", paramLabel = "TAG", description = "With this tag, or one of these.")
    private List<String> tags = List.of();

    @Option(names = "--soft", description = "Make it stale only: served on within its grace, while fetched anew.")
    private boolean soft;

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        ObjectNode request = Live.JSON.createObjectNode().put("soft", soft);
        if (site != null) {
            request.put("site", site);
        }
        if (path != null) {
            request.put("path", path);
        }
        if (field != null) {
            int equals = field.indexOf('=');
            if (equals < 1) {
                throw new CommandFailed("--field takes NAME=PATTERN, such as 'Content-Type=image/*'");
            }
            request.put("field", field.substring(0, equals)).put("value", field.substring(equals + 1));
        }
        var list = request.putArray("tags");
        tags.forEach(list::add);
        long removed = server.client()
                .call("POST", "/accelerator/ban", request)
                .path("removed")
                .asLong(0);
        out.printf("%d %s%n", removed, soft ? "made stale" : "removed");
        return 0;
    }
}
