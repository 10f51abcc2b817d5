package jarrah.accelerator.config;

/** A configuration that says something we do not understand; the message is one line: where, what, what is allowed. */
public final class ConfigException extends RuntimeException {
    public ConfigException(String where, String message) {
        super(where + ": " + message);
    }
}
