package jarrah.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;

/** An accelerator alone, whose configuration and objects lie in private buckets of a region elsewhere. */
class AcceleratorNodeTest {
    private static final Pattern UP = Pattern.compile("The accelerator is up: (http://\\S+),");

    private static String configuration(Region region, String more) {
        return """
                sites:
                  - name: tools
                    path: /tools/
                    origin: {s3: "%s", bucket: archive, credentials: env}
                    cache: {ttl: 1h, grace: 1h}%s
                """.formatted(region.api(), more);
    }

    /** A running node. */
    private static final class Node implements AutoCloseable {
        private final Process process;
        private final String url;

        private Node(Process process, String url) {
            this.process = process;
            this.url = url;
        }

        static Node start(Path data, Region region) throws IOException {
            var builder = new ProcessBuilder(Region.jarrah(
                            "accelerator",
                            "--config",
                            "s3://private/accelerator.yaml",
                            "--endpoint",
                            region.api().toString(),
                            "--data",
                            data.toString(),
                            "--port",
                            "0",
                            "--console-port",
                            "0"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().put("AWS_ACCESS_KEY_ID", Region.ACCESS_KEY_ID);
            builder.environment().put("AWS_SECRET_ACCESS_KEY", Region.SECRET);
            Process process = builder.start();
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                Matcher up = UP.matcher(line);
                if (up.find()) {
                    return new Node(process, up.group(1));
                }
            }
            throw new IOException("the node did not come up");
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private static String get(String url) throws IOException {
        var connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        try (var body =
                connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return connection.getHeaderField("X-Shade") + " "
                    + new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    private static String tool(Path data, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 3];
        all[0] = "accelerator";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--data";
        all[arguments.length + 2] = data.toString();
        Process process =
                new ProcessBuilder(Region.jarrah(all)).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + " " + text;
    }

    @Test
    void servesSitesOfItsBucketReloadsAndOutlivesTheStore(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("node");
        try (Region region = Region.start(directory.resolve("data"));
                S3Client owner = S3Client.builder()
                        .endpointOverride(region.api())
                        .region(software.amazon.awssdk.regions.Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(Region.ACCESS_KEY_ID, Region.SECRET)))
                        .forcePathStyle(true)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
            owner.createBucket(request -> request.bucket("private"));
            owner.createBucket(request -> request.bucket("archive"));
            owner.putObject(request -> request.bucket("archive").key("a b+c.txt"), RequestBody.fromString("one"));
            owner.putObject(
                    request -> request.bucket("private").key("accelerator.yaml"),
                    RequestBody.fromString(configuration(region, "")));
            try (Node node = Node.start(data, region)) {
                String url = node.url + "/tools/a%20b+c.txt";
                assertThat(get(url)).isEqualTo("null one");
                owner.putObject(request -> request.bucket("archive").key("a b+c.txt"), RequestBody.fromString("two"));
                assertThat(get(url)).as("a hit within its ttl").isEqualTo("null one");
                assertThat(tool(data, "ban", "--path", "/tools/*")).isEqualTo("0 1 removed\n");
                assertThat(get(url)).isEqualTo("null two");

                owner.putObject(
                        request -> request.bucket("private").key("accelerator.yaml"),
                        RequestBody.fromString(configuration(region, "\n    grase: 1")));
                assertThat(tool(data, "reload"))
                        .startsWith("1 ")
                        .contains("s3://private/accelerator.yaml:6:5: unknown key `grase`");
                assertThat(get(url)).isEqualTo("null two");
                owner.putObject(
                        request -> request.bucket("private").key("accelerator.yaml"),
                        RequestBody.fromString(configuration(region, "\n    headers: {set: {X-Shade: deep}}")));
                assertThat(tool(data, "reload")).isEqualTo("0 1 sites\n");
                assertThat(get(url)).isEqualTo("deep two");
                assertThat(tool(data, "check")).startsWith("0 tools").contains("ok");
                assertThat(tool(data, "stat")).startsWith("0 SITE").contains("tools");

                assertThat(tool(data, "ban", "--soft", "--site", "tools")).isEqualTo("0 1 made stale\n");
                region.kill();
                assertThat(get(url)).as("within its grace, the store is gone").isEqualTo("deep two");
                assertThat(get(node.url + "/tools/other")).endsWith("503 Service Unavailable");
                assertThat(tool(data, "check")).startsWith("3 ").contains("cannot be reached");
            }
        }
    }
}
