package jarrah.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root of the command line. */
@Command(
        name = "jarrah",
        description = "An AWS-compatible cloud on your own machine.",
        mixinStandardHelpOptions = true,
        version = "jarrah 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah up                            start a region here",
            "  jarrah doctor                        what this machine has and lacks",
            "  jarrah account create team-a         a second account, with keys",
            "  . ~/.jarrah/credentials/jarrahrc     the usual clients then speak to it",
            "",
            "From a checkout also: ./jarrah test [--long], ./jarrah bench, ./jarrah mvn ..."
        },
        subcommands = {AccountCommand.class, DoctorCommand.class})
public final class Jarrah implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    /** The command line with its commands; the server adds {@code up} to it. */
    public static CommandLine commandLine() {
        var line = new CommandLine(new Jarrah());
        line.setExecutionExceptionHandler((failure, command, _) -> {
            command.getErr().println("jarrah: " + oneLine(failure));
            return failure instanceof CommandFailed ? 1 : 70;
        });
        return line;
    }

    private static String oneLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message.replace('\n', ' ');
    }

    @Override
    public Integer call() {
        CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
        line.usage(line.getErr());
        return 2;
    }
}
