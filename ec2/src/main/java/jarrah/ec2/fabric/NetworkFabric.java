package jarrah.ec2.fabric;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** The network that instances are connected to. Safe from any thread. Closing leaves machines connected. */
public interface NetworkFabric extends AutoCloseable {
    /** Makes it so: idempotent; what is not in the state is taken down; filter rules change all at once. */
    void apply(FabricState state) throws IOException;

    /** How QEMU is to be started for a card that the state has. */
    Attachment attachment(String nicId) throws IOException;

    /**
     * Where public addresses are taken from, an IPv4 /24 whose first four addresses and whose last are not given to cards;
     * empty if this fabric has none.
     */
    Optional<String> publicPool();

    /** What this kind of fabric lacks, a sentence each, for people to read; empty if it is whole. */
    List<String> lacks();

    /** Takes everything down that this fabric's ledger names. */
    void destroy() throws IOException;

    @Override
    void close();

    /**
     * A card's connection.
     *
     * @param netdev QEMU's {@code -netdev} value without id
     * @param launchPrefix the command that QEMU is started by
     * @param sshRelay a loopback address of the host that leads to the guest's port 22, where public addresses are lacking
     */
    record Attachment(String netdev, List<String> launchPrefix, Optional<InetSocketAddress> sshRelay) {}
}
