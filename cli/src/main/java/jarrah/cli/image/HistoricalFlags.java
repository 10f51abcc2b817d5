package jarrah.cli.image;

import picocli.CommandLine.Option;

/** Flags that every historical tool takes, so that old scripts run unchanged; all but {@code --batch} change nothing here. */
final class HistoricalFlags {
    @Option(names = "--batch", description = "Ask nothing.")
    private boolean batch;

    @Option(
            names = {"--debug", "--show-empty-fields"},
            hidden = true,
            description = "Accepted, changes nothing.")
    @SuppressWarnings("UnusedVariable") // Only there to be accepted.
    private boolean ignored;

    /** Whether nobody is there to be asked. */
    boolean batch() {
        return batch;
    }
}
