package jarrah.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A region in a process of its own, as {@code jarrah up} starts it, on free ports; killed when closed. */
final class Region implements AutoCloseable {
    static final String ACCESS_KEY_ID = "AKIATESTREGION000001";
    static final String SECRET = "the-secret-of-the-test-region-000001";
    static final String ACCOUNT = "123456789012";

    private static final Pattern PORT =
            Pattern.compile("^  (API|accelerator|operations)\\s+http://127\\.0\\.0\\.1:([0-9]+)");
    private static final int START_SECONDS = 60;

    private final Process process;
    private final Path data;
    private final Path log;
    private final Map<String, Integer> ports = new HashMap<>();

    private Region(Process process, Path data, Path log) {
        this.process = process;
        this.data = data;
        this.log = log;
    }

    /** Starts a region and waits until it says that it is up. */
    static Region start(Path data, String... flags) throws IOException {
        return start(data, Map.of(), flags);
    }

    /** Starts a region with further environment variables. */
    static Region start(Path data, Map<String, String> environment, String... flags) throws IOException {
        Files.createDirectories(data.toAbsolutePath().getParent());
        Path log = data.resolveSibling(data.getFileName() + ".log");
        var builder =
                new ProcessBuilder(command(data, flags)).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("JARRAH_ACCOUNT_ID", ACCOUNT);
        builder.environment().put("JARRAH_ACCOUNT_ACCESS_KEY_ID", ACCESS_KEY_ID);
        builder.environment().put("JARRAH_ACCOUNT_SECRET_ACCESS_KEY", SECRET);
        builder.environment().putAll(environment);
        var region = new Region(builder.start(), data, log);
        region.awaitUp();
        return region;
    }

    static List<String> command(Path data, String... flags) {
        var command = new ArrayList<>(jarrah("up", "--data", data.toString()));
        for (String port : new String[] {"--api-port", "--accelerator-port", "--console-port"}) {
            if (!List.of(flags).contains(port)) {
                command.addAll(List.of(port, "0"));
            }
        }
        command.addAll(List.of(flags));
        return command;
    }

    /** The command line of the program under test, from this build's classes. */
    static List<String> jarrah(String... arguments) {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseParallelGC",
                "-Xmx256m",
                "-XX:MaxDirectMemorySize=512m",
                "-Djdk.virtualThreadScheduler.parallelism=8",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath,
                "jarrah.server.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    private void awaitUp() throws IOException {
        Thread watch = Thread.ofVirtual().start(() -> {
            try {
                if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS) && ports.size() < 3) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher matcher = PORT.matcher(line);
            if (matcher.find()) {
                ports.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
            }
            if (line.startsWith("Ctrl-C")) {
                watch.interrupt();
                return;
            }
        }
        throw new IOException("the region did not come up:\n" + Files.readString(log));
    }

    private String url(String name) {
        return "http://127.0.0.1:" + port(name);
    }

    private int port(String name) {
        Integer port = ports.get(name);
        if (port == null) {
            throw new IllegalStateException(name);
        }
        return port;
    }

    int apiPort() {
        return port("API");
    }

    int acceleratorPort() {
        return port("accelerator");
    }

    int operationsPort() {
        return port("operations");
    }

    URI api() {
        return URI.create(url("API"));
    }

    String accelerator() {
        return url("accelerator");
    }

    String operations() {
        return url("operations");
    }

    Path data() {
        return data;
    }

    Path credentials() {
        return data.resolve("credentials");
    }

    long pid() {
        return process.pid();
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** Asks it to stop, as SIGTERM does; gives the exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the region did not stop within 30 s");
        }
        return process.exitValue();
    }

    /** Kills it as kill -9 does; returns when it is gone. */
    void kill() {
        close();
    }

    /** Ports that a restart should keep, as flags. */
    String[] samePorts() {
        return new String[] {
            "--api-port", Integer.toString(apiPort()),
            "--accelerator-port", Integer.toString(acceleratorPort()),
            "--console-port", Integer.toString(operationsPort())
        };
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
