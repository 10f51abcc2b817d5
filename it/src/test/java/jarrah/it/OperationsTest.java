package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Start, stop, health, metrics, configuration: what an operator meets. */
class OperationsTest {
    @Test
    void aRegionTellsItsHealthAndMetricsAndStopsCleanly(@TempDir Path directory) throws Exception {
        try (Region region = Region.start(directory.resolve("data"))) {
            assertThat(get(region.operations() + "/health").body())
                    .contains("records: ok")
                    .contains("blobs: ok");
            get(region.api() + "/no-such-bucket/key");
            // The client has its answer before the request is counted.
            await(region.operations() + "/metrics", "jarrah_s3_requests_total{operation=\"GetObject\",status=\"404\"}");
            assertThat(get(region.operations() + "/metrics").body())
                    .contains("jarrah_accelerator_")
                    .contains("jvm_memory_used_bytes");
            assertThat(get(region.operations() + "/other").statusCode()).isEqualTo(404);
            assertThat(region.stop()).isIn(0, 143);
            assertThat(region.log()).doesNotContain("ERROR").doesNotContain("Exception");
        }
    }

    @Test
    void twoRegionsStandSideBySide(@TempDir Path directory) throws Exception {
        try (Region a = Region.start(directory.resolve("a"));
                Region b = Region.start(directory.resolve("b"), "--region", "eu-west-1")) {
            var inA = new Shell(a, directory);
            var inB = new Shell(b, directory);
            Shell.require("s3cmd", "OperationsTest.twoRegionsStandSideBySide");
            inA.run("s3cmd mb s3://of-a");
            assertThat(inB.run("s3cmd ls")).doesNotContain("of-a");
            assertThat(inB.run("echo $AWS_REGION")).isEqualTo("eu-west-1\n");
        }
    }

    @Test
    void aDataDirectoryHasOneServer(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("data");
        try (Region region = Region.start(data)) {
            assertThat(refused(Region.command(data))).contains("in use by another server");
            assertThat(get(region.operations() + "/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anUnknownKeyInTheConfigurationIsOneClearLine(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("jarrah.yaml");
        Files.writeString(file, "region: eu-west-1\napi:\n  prot: 8773\n");
        String output = refused(Region.command(directory.resolve("data"), "--config", file.toString()));
        assertThat(output).contains("jarrah.yaml:3:3").contains("prot").contains("port");
        assertThat(output.lines()).hasSize(1);
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void listeningBeyondLoopbackAsksForAChoice(@TempDir Path directory) throws Exception {
        assertThat(refused(Region.command(directory.resolve("data"), "--listen", "0.0.0.0")))
                .contains("--s3-bucket-defaults");
    }

    @Test
    void aPortThatIsTakenIsNamed(@TempDir Path directory) throws Exception {
        try (Region region = Region.start(directory.resolve("a"))) {
            String port = Integer.toString(region.apiPort());
            assertThat(refused(Region.command(directory.resolve("b"), "--api-port", port)))
                    .contains("cannot listen on 127.0.0.1:" + port);
        }
    }

    @Test
    void credentialsAreTheOwnersAlone(@TempDir Path directory) throws Exception {
        try (Region region = Region.start(directory.resolve("data"))) {
            for (String name : new String[] {
                "jarrahrc", "jarrahrc.guest", "s3cfg", "rclone.conf", "pk.pem", "cert.pem", "cloud-cert.pem"
            }) {
                Path file = region.credentials().resolve(name);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
            }
            Path socket = region.data().resolve("run").resolve("admin.sock");
            if (Files.exists(socket)) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void theDoctorFindsThisMachineFit(@TempDir Path directory) throws Exception {
        try (Region region = Region.start(directory.resolve("data"))) {
            assertThat(AccountCommands.run(region, "doctor")).contains("fsync").contains("ok    java");
        }
    }

    private static void await(String url, String text) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        String body = get(url).body();
        while (!body.contains(text)) {
            assertThat(System.nanoTime()).as(body).isLessThan(deadline);
            Thread.onSpinWait();
            body = get(url).body();
        }
    }

    private static HttpResponse<String> get(String url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String refused(java.util.List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        return output;
    }
}
