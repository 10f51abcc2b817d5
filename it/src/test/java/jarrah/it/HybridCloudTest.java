package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first workflow, as its example script plays it, with real machines. */
class HybridCloudTest {
    private static final Path EXAMPLES =
            Path.of("..", "examples").toAbsolutePath().normalize();
    /** What guests get; packaged before this module is tested. */
    private static final Path JAR =
            Path.of("..", "server", "target", "jarrah.jar").toAbsolutePath().normalize();
    /** Four boots and a guest that bundles an image twice by itself, emulated, on a busy machine. */
    private static final int MINUTES = 20;

    @Test
    void theExampleProvesEveryStepButTheLongest(@TempDir Path directory) throws Exception {
        prove(directory, false);
    }

    @Test
    @Tag("long")
    void theExampleProvesEveryStep(@TempDir Path directory) throws Exception {
        prove(directory, true);
    }

    /** @param packed with the guest that has a jarrah with its own Java, whose commands take minutes where all is emulated */
    private static void prove(Path directory, boolean packed) throws Exception {
        for (String program : new String[] {"aws", "qemu-system-x86_64", "qemu-img", "ip", "nft", "ssh", "scp"}) {
            Shell.require(program, "HybridCloudTest");
        }
        Shell.requireRoot("HybridCloudTest");
        if (packed && !Files.exists(JAR)) {
            Shell.notRun("HybridCloudTest", "the jar is not packaged; ./jarrah mvn -pl it -am verify does so");
        }
        Path output = Path.of("target", "hybrid-cloud.txt");
        var builder = new ProcessBuilder(EXAMPLES.resolve("hybrid-cloud.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JARRAH", command(directory).toString());
        builder.environment().put("PACKED", packed ? "yes" : "no");
        builder.environment().put("JAR", JAR.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("WORK", directory.resolve("work").toString());
        builder.environment().put("PORT_A", Integer.toString(freePort()));
        builder.environment().put("PORT_B", Integer.toString(freePort()));
        Process script = builder.start();
        boolean ended = script.waitFor(MINUTES, TimeUnit.MINUTES);
        if (!ended) {
            // SIGTERM lets the script take its regions down.
            script.destroy();
            script.waitFor(2, TimeUnit.MINUTES);
        }
        String said = Files.readString(output);
        assertThat(ended).as(said).isTrue();
        assertThat(said).contains("All of it holds.").doesNotContain("FAILED");
        assertThat(said.lines().filter(line -> line.contains("proved:"))).hasSize(packed ? 14 : 13);
        assertThat(script.exitValue()).isZero();
    }

    /** A command that runs this build's classes. */
    private static Path command(Path directory) throws Exception {
        var line = new StringBuilder("#!/bin/sh\nexec");
        for (String word : Region.jarrah()) {
            line.append(" '").append(word.replace("'", "'\\''")).append('\'');
        }
        Path file = directory.resolve("jarrah");
        Files.writeString(file, line + " \"$@\"\n", StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
