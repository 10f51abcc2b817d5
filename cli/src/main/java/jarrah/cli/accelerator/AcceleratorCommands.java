package jarrah.cli.accelerator;

import picocli.CommandLine;

/** What can be asked of a running accelerator. */
public final class AcceleratorCommands {
    private AcceleratorCommands() {}

    /** Adds them to the command that runs one; returns it. */
    public static CommandLine addTo(CommandLine accelerator) {
        return accelerator
                .addSubcommand(new LogCommand())
                .addSubcommand(new StatCommand())
                .addSubcommand(new TopCommand())
                .addSubcommand(new HistCommand())
                .addSubcommand(new PurgeCommand())
                .addSubcommand(new BanCommand())
                .addSubcommand(new ReloadCommand())
                .addSubcommand(new CheckCommand());
    }
}
