package jarrah.cli.accelerator;

import jarrah.cli.ServerOption;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code jarrah accelerator check}: asks every origin. */
@Command(
        name = "check",
        description = "Ask the origin of every site, and name what is missing: a server, a bucket, a permission.",
        footerHeading = "%nExamples:%n",
        footer = {"  jarrah accelerator check", "", "Exit code 3: something is wrong."},
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    private static final int WRONG = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        JsonNode answer = server.client().call("POST", "/accelerator/check", Live.JSON.createObjectNode(), PATIENCE);
        boolean well = true;
        for (JsonNode site : answer.path("sites")) {
            String name = site.path("name").asString("");
            if (site.path("problems").isEmpty()) {
                out.printf("%-20s ok%n", name);
            }
            for (JsonNode problem : site.path("problems")) {
                well = false;
                out.printf("%-20s %s%n", name, problem.asString(""));
            }
        }
        return well ? 0 : WRONG;
    }
}
