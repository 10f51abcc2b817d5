package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 while s3cmd and the aws CLI upload: what they were told is stored is there afterwards, byte for byte. */
class KillDuringUploadTest {
    /** Each round reads again what all before it have stored. {@link KillCampaignTest} has the rounds by the thousand. */
    private static final int ROUNDS = Boolean.getBoolean("jarrah.long") ? 50 : 3;

    @Test
    void everyAcknowledgedObjectIsThereAfterARestart(@TempDir Path directory) throws Exception {
        Shell.require("s3cmd", "KillDuringUploadTest");
        Shell.require("aws", "KillDuringUploadTest");
        var random = new Random(20261122);
        writeFiles(directory, random);
        Path data = directory.resolve("data");
        Region region = Region.start(data);
        String[] ports = region.samePorts();
        try {
            var shell = new Shell(region, directory);
            shell.run("s3cmd mb s3://kept && touch acknowledged");
            for (int round = 0; round < ROUNDS; round++) {
                List<Shell.Running> uploads = List.of(
                        shell.start(uploads("s3cmd put -q", "s3cmd", round), Map.of()),
                        shell.start(uploads("aws s3 cp --quiet", "aws", round), Map.of("AWS_MAX_ATTEMPTS", "1")));
                awaitAcknowledged(directory, 4 * (round + 1), random.nextInt(4));
                region.kill();
                for (Shell.Running upload : uploads) {
                    upload.process().descendants().forEach(ProcessHandle::destroyForcibly);
                    upload.process().destroyForcibly();
                    upload.process().waitFor();
                }
                region = Region.start(data, ports);
                verifyAll(new Shell(region, directory), directory);
            }
        } finally {
            region.close();
        }
    }

    private static void writeFiles(Path directory, Random random) throws IOException {
        int[] sizes = {1, 900, 16_384, 16_385, 70_000, 1_000_000, 9_000_000};
        for (int i = 0; i < sizes.length; i++) {
            byte[] bytes = new byte[sizes[i]];
            random.nextBytes(bytes);
            Files.write(directory.resolve("file" + i), bytes);
        }
    }

    /** Uploads file after file until it is stopped; a line in {@code acknowledged} follows each success. */
    private static String uploads(String command, String client, int round) {
        return "for n in $(seq 1 400); do f=file$((n %% 7)); k=%s-%d-$n; %s $f s3://kept/$k && echo $k $f >> acknowledged; done"
                .formatted(client, round, command);
    }

    /** Waits, on the file that the uploads write, until enough were acknowledged that a kill interrupts others. */
    private static void awaitAcknowledged(Path directory, int count, int more) throws IOException {
        Path file = directory.resolve("acknowledged");
        while (Files.readAllLines(file).size() < count + more) {
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static void verifyAll(Shell shell, Path directory) throws IOException, InterruptedException {
        List<String> lines = Files.readAllLines(directory.resolve("acknowledged"));
        assertThat(lines).isNotEmpty();
        String script = "rm -rf got && mkdir got && aws s3 sync --quiet s3://kept got\n"
                + "while read -r key file; do cmp \"got/$key\" \"$file\"; done < acknowledged";
        shell.run(script);
    }
}
