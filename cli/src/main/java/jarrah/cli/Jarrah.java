package jarrah.cli;

import jarrah.cli.image.ImageCommand;
import jarrah.cli.kms.KmsCommand;
import jarrah.images.bundle.ImageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
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
            "  jarrah image bundle -i disk.img      bundle an image, to upload and register",
            "  . ~/.jarrah/credentials/jarrahrc     the usual clients then speak to it",
            "",
            "From a checkout also: ./jarrah test [--long], ./jarrah bench, ./jarrah mvn ..."
        },
        subcommands = {AccountCommand.class, StorageCommand.class, DoctorCommand.class})
public final class Jarrah implements Callable<Integer> {
    private final Surroundings around;

    @Spec
    private @Nullable CommandSpec spec;

    private Jarrah(Surroundings around) {
        this.around = around;
    }

    /** What the commands find around them; for mix-ins, which picocli makes. */
    Surroundings around() {
        return around;
    }

    /**
     * The command line with its commands; the server adds {@code up} to it.
     *
     * @param around what the commands find around them
     */
    public static CommandLine commandLine(Surroundings around) {
        var line = new CommandLine(new Jarrah(around));
        ImageCommand.addTo(line, around);
        line.addSubcommand(new KmsCommand(around));
        line.setExecutionExceptionHandler((failure, command, _) -> {
            command.getErr().println("jarrah: " + oneLine(failure));
            return isExpected(failure) ? 1 : 70;
        });
        return line;
    }

    /** What the person can do something about; anything else is a fault of ours. */
    private static boolean isExpected(Throwable failure) {
        return failure instanceof CommandFailed || failure instanceof ImageException || failure instanceof IOException;
    }

    private static String oneLine(Throwable failure) {
        String message = switch (failure) {
            // The message of these is the file's name alone.
            case NoSuchFileException e -> "there is no file " + e.getMessage();
            case AccessDeniedException e -> "no permission for " + e.getMessage();
            default -> failure.getMessage();
        };
        return message == null ? failure.getClass().getSimpleName() : message.replace('\n', ' ');
    }

    @Override
    public Integer call() {
        CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
        line.usage(line.getErr());
        return 2;
    }
}
