package jarrah.ec2.compute;

import jarrah.ec2.fabric.FabricState;
import jarrah.ec2.fabric.NetworkFabric;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A network that is what it was told, and connects nobody. */
final class MemoryFabric implements NetworkFabric {
    private volatile FabricState state = new FabricState(List.of());
    volatile boolean broken;
    final AtomicInteger applied = new AtomicInteger();

    @Override
    public void apply(FabricState wanted) throws IOException {
        if (broken) {
            throw new IOException("the network is down");
        }
        applied.incrementAndGet();
        state = wanted;
    }

    /** The cards that are connected. */
    List<FabricState.Nic> cards() {
        return state.vpcs().stream().flatMap(vpc -> vpc.nics().stream()).toList();
    }

    /** What a group lets in, as the network has it. */
    List<FabricState.Rule> ingress(String groupId) {
        return state.vpcs().stream()
                .flatMap(vpc -> vpc.groups().stream())
                .filter(group -> group.id().equals(groupId))
                .flatMap(group -> group.ingress().stream())
                .toList();
    }

    @Override
    public Attachment attachment(String nicId) throws IOException {
        if (cards().stream().noneMatch(card -> card.id().equals(nicId))) {
            throw new IOException("no card " + nicId);
        }
        return new Attachment("tap,ifname=" + nicId, List.of(), Optional.empty());
    }

    @Override
    public Optional<String> publicPool() {
        return Optional.of("203.0.113.0/24");
    }

    @Override
    public List<String> lacks() {
        return List.of();
    }

    @Override
    public void destroy() {
        state = new FabricState(List.of());
    }

    @Override
    public void close() {}
}
