package jarrah.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * What a command finds around it.
 *
 * @param environment the environment variables
 * @param in standard input
 * @param terminal whether a person watches
 * @param clock for signatures
 */
public record Surroundings(Map<String, String> environment, InputStream in, boolean terminal, Clock clock) {
    /** The first of these variables that is set and not empty. */
    public Optional<String> variable(String... names) {
        for (String name : names) {
            String value = environment.get(name);
            if (value != null && !value.isEmpty()) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /**
     * Asks the person, as the historical tools do.
     *
     * @param question printed as it is, without a line break
     * @return the answer without white space around it; empty if none was given
     */
    public String ask(PrintWriter out, String question) {
        out.print(question);
        out.flush();
        try {
            // Byte by byte as far as the line's end: another question may follow.
            var line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
                line.write(b);
            }
            return line.toString(StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Asks a question that anything but a yes denies. */
    public boolean confirm(PrintWriter out, String question) {
        String answer = ask(out, question + " [y/N] ");
        return answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes");
    }
}
