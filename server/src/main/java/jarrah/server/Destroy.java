package jarrah.server;

import jarrah.accelerator.config.ConfigException;
import jarrah.cli.DataDirectoryOption;
import jarrah.ec2.fabric.Fabrics;
import jarrah.machine.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jarrah destroy}: takes a region off this host, with its machines, network and data. */
@Command(
        name = "destroy",
        description = "Remove a stopped region from this host: its machines, its network, and all of its data.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  jarrah destroy --data /srv/jarrah --yes",
            "  jarrah destroy --data /srv/jarrah --keep-data    machines and network alone",
            "",
            "Stop the server first. What is removed cannot be brought back.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage or the server still runs."
        })
final class Destroy implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private DataDirectoryOption data = new DataDirectoryOption();

    @Option(names = "--yes", description = "Really do it.")
    private boolean yes;

    @Option(names = "--keep-data", description = "End machines and take the network down, and keep everything stored.")
    private boolean keepData;

    @Override
    public Integer call() throws IOException {
        CommandSpec command = Objects.requireNonNull(spec);
        PrintWriter out = command.commandLine().getOut();
        PrintWriter err = command.commandLine().getErr();
        Path root = data.directory();
        if (!Files.exists(root.resolve("format"))) {
            err.println("jarrah: there is no data directory " + root);
            return 2;
        }
        if (!yes && !keepData) {
            err.println("jarrah: this removes everything in " + root + "; say --yes to do it, or --keep-data");
            return 2;
        }
        try (DataDirectory directory = DataDirectory.open(root)) {
            endMachines(directory, out);
            CloudConfig config = CloudConfig.load(root, null, Map.of(), System.getenv());
            Fabrics.destroy(Machines.settings(config, directory.network()), Clock.systemUTC());
        } catch (DataDirectory.Unusable | ConfigException e) {
            err.println("jarrah: " + e.getMessage());
            return 2;
        }
        if (!keepData) {
            removeTree(root);
            out.println("Removed " + root);
        }
        return 0;
    }

    private static void endMachines(DataDirectory directory, PrintWriter out) throws IOException {
        if (!Files.isDirectory(directory.instances())) {
            return;
        }
        var hypervisor = new HostHypervisor(RunDirectory.path(), Optional.empty());
        try (var machines = Files.newDirectoryStream(directory.instances())) {
            for (Path machine : machines) {
                Optional<Machine> running = hypervisor.adopt(machine);
                if (running.isPresent()) {
                    running.get().quit();
                    running.get().close();
                    out.println("Ended the machine of " + machine.getFileName());
                }
            }
        }
    }

    private static void removeTree(Path root) throws IOException {
        try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
