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
        description =
                "Ask the origin of every site, and name what is missing: a server, a bucket, a permission, a certificate.",
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
            well &= told(out, site, "ok");
        }
        for (JsonNode certificate : answer.path("certificates")) {
            well &= told(
                    out,
                    certificate,
                    "certified until " + certificate.path("ends").asString(""));
        }
        return well ? 0 : WRONG;
    }

    private static boolean told(PrintWriter out, JsonNode part, String ifWell) {
        String name = part.path("name").asString("");
        if (part.path("problems").isEmpty()) {
            out.printf("%-20s %s%n", name, ifWell);
            return true;
        }
        for (JsonNode problem : part.path("problems")) {
            out.printf("%-20s %s%n", name, problem.asString(""));
        }
        return false;
    }
}
