package jarrah.cli;

/** A command that could not do what was asked; the message is one line for the person at the terminal. */
public final class CommandFailed extends RuntimeException {
    public CommandFailed(String message) {
        super(message);
    }
}
