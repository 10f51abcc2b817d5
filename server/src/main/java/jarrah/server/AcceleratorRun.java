package jarrah.server;

import jarrah.accelerator.config.AcceleratorConfig;
import jarrah.accelerator.config.ConfigException;
import jarrah.cli.DataDirectoryOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jarrah accelerator --config ...}: an accelerator without a region, in front of stores elsewhere. */
@Command(
        name = "accelerator",
        description = "Run an HTTP accelerator alone, or look into one that runs (also that of `jarrah up`).",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah accelerator --config sites.yaml --port 80 --listen 0.0.0.0",
            "  jarrah accelerator --config /etc/jarrah/sites.d",
            "  jarrah accelerator --config s3://private-bucket/accelerator.yaml",
            "  jarrah accelerator stat",
            "  jarrah accelerator log --status 5xx",
            "",
            "The configuration is watched: a change takes effect without a request dropped, and a wrong one",
            "changes nothing and is told in the log. Its keys: docs/accelerator/configuration.md"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class AcceleratorRun implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    @Option(
            names = "--config",
            paramLabel = "FILE|DIR|s3://BUCKET/KEY",
            description = "The sites: a file, all *.yaml of a directory, or an object of a bucket.")
    private @Nullable String config;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "The store that s3://BUCKET/KEY is in (default AWS_ENDPOINT_URL, else AWS).")
    private @Nullable String endpoint;

    @Option(names = "--listen", paramLabel = "ADDR", description = "Address of both ports (default ${DEFAULT-VALUE}).")
    private String listen = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port of the sites (default ${DEFAULT-VALUE}; 0: a free one).")
    private int port = 8080;

    @Option(
            names = "--console-port",
            paramLabel = "N",
            description = "Port of /health and /metrics (default ${DEFAULT-VALUE}; 0: a free one).")
    private int consolePort = 8774;

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter err = command.commandLine().getErr();
        if (config == null) {
            err.println("jarrah: --config is needed to run an accelerator; see jarrah accelerator --help");
            return 2;
        }
        try {
            run(config, command.commandLine().getOut());
            return 0;
        } catch (ConfigException | DataDirectory.Unusable | Cloud.CannotStart e) {
            err.println("jarrah: " + e.getMessage());
            return 2;
        }
    }

    private void run(String where, PrintWriter out) throws IOException, DataDirectory.Unusable, Cloud.CannotStart {
        var clock = Clock.systemUTC();
        ConfigurationWatch.Source source = ConfigurationBucket.names(where)
                ? ConfigurationBucket.of(
                        where, Optional.ofNullable(endpoint), System.getenv(), clock, AcceleratorConfig::parse)
                : new ConfigurationFiles(Path.of(where), AcceleratorConfig::parse);
        var stopped = new CountDownLatch(1);
        AcceleratorNode node = AcceleratorNode.start(data.directory(), source, listen, port, consolePort, clock);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            node.close();
            stopped.countDown();
        }));
        out.printf(
                """

                The accelerator is up: %s, sites of %s

                  sites        %s
                  operations   %s   (/health, /metrics)

                  jarrah accelerator log|stat|top|hist --data %s
                %n""",
                String.join(", ", node.urls()),
                where,
                String.join(", ", node.sites()),
                node.consoleUrl(),
                data.directory());
        out.flush();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
