package jarrah.server;

import jarrah.accelerator.config.ConfigException;
import jarrah.cli.DataDirectoryOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jarrah up}: a region in the foreground, until SIGTERM or Ctrl-C. */
@Command(
        name = "up",
        description = "Start a region in the foreground: S3, IAM and STS on one port, the HTTP accelerator on another.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah up",
            "  jarrah up --data /srv/jarrah --config /etc/jarrah.yaml",
            "  jarrah up --data ~/.jarrah-b --region eu-west-1 --api-port 9773 --accelerator-port 9080 --console-port 9774",
            "",
            "Ctrl-C or SIGTERM stops it; nothing acknowledged is lost, not even by kill -9.",
            "Every setting, with its default and reason: docs/configuration.md"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class Up implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    @Option(names = "--region", paramLabel = "NAME", description = "Name of the region (default us-east-1).")
    private @Nullable String region;

    @Option(names = "--listen", paramLabel = "ADDR", description = "Address of all ports (default 127.0.0.1).")
    private @Nullable String listen;

    @Option(names = "--api-port", paramLabel = "N", description = "Port of the AWS APIs (default 8773; 0: a free one).")
    private @Nullable String apiPort;

    @Option(names = "--accelerator-port", paramLabel = "N", description = "Port of the accelerator (default 8080).")
    private @Nullable String acceleratorPort;

    @Option(names = "--console-port", paramLabel = "N", description = "Port of /health and /metrics (default 8774).")
    private @Nullable String consolePort;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file (YAML; none is needed).")
    private @Nullable Path config;

    @Option(
            names = "--s3-bucket-defaults",
            paramLabel = "acl|aws",
            description = "Whether new buckets honour ACLs; to be chosen when listening beyond loopback.")
    private @Nullable String bucketDefaults;

    @Option(
            names = "--rehearse",
            hidden = true,
            description = "Start on free ports, stop again: fills the start-up cache.")
    private boolean rehearse;

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        try {
            CloudConfig settings = CloudConfig.load(data.directory(), config, flags(), System.getenv());
            run(settings, out);
            return 0;
        } catch (ConfigException | DataDirectory.Unusable | Cloud.CannotStart e) {
            err.println("jarrah: " + e.getMessage());
            return 2;
        }
    }

    private Map<Setting, String> flags() {
        var flags = new EnumMap<Setting, String>(Setting.class);
        put(flags, Setting.REGION, region);
        put(flags, Setting.LISTEN, listen);
        put(flags, Setting.API_PORT, rehearse ? "0" : apiPort);
        put(flags, Setting.ACCELERATOR_PORT, rehearse ? "0" : acceleratorPort);
        put(flags, Setting.CONSOLE_PORT, rehearse ? "0" : consolePort);
        put(flags, Setting.S3_BUCKET_DEFAULTS, bucketDefaults);
        return flags;
    }

    private static void put(Map<Setting, String> flags, Setting setting, @Nullable String value) {
        if (value != null) {
            flags.put(setting, value);
        }
    }

    private void run(CloudConfig settings, PrintWriter out)
            throws IOException, DataDirectory.Unusable, Cloud.CannotStart {
        var stopped = new CountDownLatch(1);
        Cloud cloud = Cloud.start(settings, Clock.systemUTC());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            cloud.close();
            stopped.countDown();
        }));
        out.print(Banner.of(settings, cloud, System.getProperty("jarrah.command", "jarrah")));
        out.flush();
        if (rehearse) {
            Rehearsal.run(cloud);
            return;
        }
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
