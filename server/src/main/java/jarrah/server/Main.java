package jarrah.server;

import jarrah.cli.Jarrah;
import jarrah.cli.Surroundings;
import java.time.Clock;
import picocli.CommandLine;

/** The one entry point of the jar: the commands of {@code cli}, and those that run a server. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        CommandLine line = Jarrah.commandLine(new Surroundings(
                System.getenv(),
                System.in,
                System.console() != null && System.console().isTerminal(),
                Clock.systemUTC()));
        line.addSubcommand(new Up());
        System.exit(line.execute(arguments));
    }
}
