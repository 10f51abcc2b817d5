package jarrah.server;

import jarrah.ec2.compute.Compute;
import jarrah.ec2.compute.ComputeSettings;
import jarrah.ec2.fabric.FabricSettings;
import jarrah.ec2.fabric.Fabrics;
import jarrah.ec2.fabric.GuestServices;
import jarrah.ec2.fabric.NetworkFabric;
import jarrah.http.Handler;
import jarrah.iam.Accounts;
import jarrah.iam.Certificates;
import jarrah.machine.QemuImg;
import jarrah.s3.wire.S3Operations;
import jarrah.storage.Kv;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compute of a region, joined to this host's hypervisor and network. */
final class Machines implements AutoCloseable {
    private final CloudConfig config;
    private final DataDirectory data;
    private final Clock clock;
    private final Compute compute;
    private final HostHypervisor hypervisor;
    private @Nullable NetworkFabric fabric;

    Machines(
            CloudConfig config,
            DataDirectory data,
            Kv kv,
            S3Operations s3,
            Accounts accounts,
            Certificates certificates,
            Clock clock)
            throws IOException {
        this.config = config;
        this.data = data;
        this.clock = clock;
        hypervisor = new HostHypervisor(RunDirectory.path(), config.users());
        var settings = new ComputeSettings(
                config.region(),
                List.of(config.region() + "a", config.region() + "b", config.region() + "c"),
                data.images(),
                data.volumes(),
                data.instances(),
                config.memoryMebibytes(),
                config.peers());
        compute = new Compute(kv, s3, accounts, certificates, new QemuImg(), settings, clock);
    }

    Compute compute() {
        return compute;
    }

    /** Adopts the machines that run; guests reach the API through the handler. */
    void start(Handler api) throws IOException {
        NetworkFabric network = Fabrics.open(settings(config, data.network()), new GuestServices(api, compute, clock));
        fabric = network;
        compute.start(hypervisor, network);
    }

    static FabricSettings settings(CloudConfig config, Path directory) {
        return new FabricSettings(
                directory,
                RunDirectory.path(),
                config.region(),
                config.peers().stream()
                        .map(peer -> new FabricSettings.Peer(peer.region(), peer.host(), peer.port()))
                        .toList(),
                config.egress(),
                config.publicPool());
    }

    List<String> lacks() {
        var lacks = new ArrayList<>(HostHypervisor.lacks());
        if (fabric != null) {
            lacks.addAll(fabric.lacks());
        }
        return lacks;
    }

    /** Lets go of machines and network; both stay as they are. */
    @Override
    public void close() {
        compute.close();
        if (fabric != null) {
            fabric.close();
        }
    }
}
