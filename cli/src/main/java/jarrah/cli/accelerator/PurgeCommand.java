package jarrah.cli.accelerator;

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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jarrah accelerator purge}: removes what is stored for URLs. */
@Command(
        name = "purge",
        description = "Remove what is stored for URLs, all variants.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator purge http://files.example.com/tools/a.tar.gz",
            "  jarrah accelerator purge --soft http://files.example.com/news",
            "",
            "Objects of the region's own buckets need no purge: a change is seen at the next request."
        },
        mixinStandardHelpOptions = true)
final class PurgeCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Option(names = "--soft", description = "Make it stale only: served on within its grace, while fetched anew.")
    private boolean soft;

    @Parameters(arity = "1..*", paramLabel = "URL", description = "As clients ask for it.")
    private List<String> urls = List.of();

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        var client = server.client();
        for (String url : urls) {
            var request = Live.JSON.createObjectNode().put("url", url).put("soft", soft);
            long removed = client.call("POST", "/accelerator/purge", request)
                    .path("removed")
                    .asLong(0);
            out.printf("%s: %d %s%n", url, removed, soft ? "made stale" : "removed");
        }
        return 0;
    }
}
