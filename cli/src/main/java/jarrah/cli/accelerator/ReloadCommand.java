package jarrah.cli.accelerator;

import jarrah.cli.ServerOption;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code jarrah accelerator reload}: reads the configuration now. */
@Command(
        name = "reload",
        description = "Read the configuration now, and say what is wrong with it. It is watched anyway.",
        footerHeading = "%nExamples:%n",
        footer = "  jarrah accelerator reload",
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ServerOption server = new ServerOption();

    @Override
    public Integer call() {
        JsonNode answer = server.client().call("POST", "/accelerator/reload", Live.JSON.createObjectNode());
        Objects.requireNonNull(spec)
                .commandLine()
                .getOut()
                .printf("%d sites%n", answer.path("sites").asInt(0));
        return 0;
    }
}
