package jarrah.cli.image;

import jarrah.cli.Jarrah;
import jarrah.cli.Surroundings;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A command that ran.
 *
 * @param code its exit code
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int code, String out, String err) {
    static CommandRun of(Map<String, String> environment, String input, String... arguments) {
        return of(environment, input.getBytes(StandardCharsets.UTF_8), arguments);
    }

    static CommandRun of(Map<String, String> environment, byte[] input, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = Jarrah.commandLine(
                new Surroundings(environment, new ByteArrayInputStream(input), false, Clock.systemUTC()));
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = line.execute(arguments);
        return new CommandRun(code, out.toString(), err.toString());
    }

    static Path key(String name) {
        try {
            return Path.of(Objects.requireNonNull(CommandRun.class.getResource("/keys/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** What {@code jarrahrc} sets, for a region; more pairs of names and values may follow. */
    static Map<String, String> environment(TestRegion region, String... more) {
        var environment = new HashMap<String, String>();
        environment.put("EC2_CERT", key("user-cert.pem").toString());
        environment.put("EC2_PRIVATE_KEY", key("user-pk.pem").toString());
        environment.put("EUCALYPTUS_CERT", key("cloud-cert.pem").toString());
        environment.put("EC2_USER_ID", "123456789012");
        environment.put("S3_URL", region.url() + "/services/objectstorage");
        environment.put("EC2_URL", region.url() + "/services/compute");
        environment.put("AWS_ACCESS_KEY_ID", TestRegion.KEY_ID);
        environment.put("AWS_SECRET_ACCESS_KEY", TestRegion.SECRET);
        environment.put("AWS_REGION", "home-1");
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }
}
