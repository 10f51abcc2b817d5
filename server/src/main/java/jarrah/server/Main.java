package jarrah.server;

import jarrah.cli.Jarrah;
import jarrah.cli.Surroundings;
import jarrah.cli.accelerator.AcceleratorCommands;
import java.io.Console;
import java.time.Clock;
import java.util.Optional;
import picocli.CommandLine;

/** The one entry point of the jar: the commands of {@code cli}, and those that run a server. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        CommandLine line = Jarrah.commandLine(new Surroundings(
                System.getenv(),
                System.in,
                Optional.ofNullable(System.console())
                        .filter(Console::isTerminal)
                        .isPresent(),
                Clock.systemUTC()));
        line.addSubcommand(new Up());
        line.addSubcommand(new Destroy());
        line.addSubcommand(AcceleratorCommands.addTo(new CommandLine(new AcceleratorRun()))
                .addSubcommand(new SignCommand(Clock.systemUTC()))
                .addSubcommand(new ImportVclCommand()));
        System.exit(line.execute(arguments));
    }
}
