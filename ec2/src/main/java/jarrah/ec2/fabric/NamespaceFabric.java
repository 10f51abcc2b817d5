package jarrah.ec2.fabric;

import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Vpc;
import jarrah.ec2.fabric.Part.Command;
import jarrah.ec2.metadata.MetadataTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The whole fabric, for root: namespaces, routed taps and packet filters in the kernel, as {@link FabricPlan} says; the
 * services in this process, as {@link VpcServices}.
 *
 * <p>An apply makes only what differs from the last. The first one after a start looks at what is there and keeps it, so
 * that machines that outlived the last server stay connected; then everything that can be said again without harm is said
 * again.
 */
public final class NamespaceFabric implements NetworkFabric {
    /** Each is said, since a new namespace has those of the host, which may be anything. */
    private static final Map<String, String> INHERITED = Map.ofEntries(
            Map.entry("ipv4/ip_forward", "1"),
            Map.entry("ipv4/conf/all/rp_filter", "1"),
            Map.entry("ipv4/conf/default/rp_filter", "1"),
            Map.entry("ipv4/conf/default/proxy_arp", "1"),
            Map.entry("ipv4/conf/all/arp_ignore", "0"),
            Map.entry("ipv4/conf/default/arp_ignore", "0"),
            Map.entry("ipv4/conf/all/arp_filter", "0"),
            Map.entry("ipv4/conf/default/arp_filter", "0"),
            Map.entry("ipv4/conf/all/route_localnet", "0"),
            Map.entry("ipv4/conf/default/route_localnet", "0"),
            Map.entry("ipv4/conf/all/accept_source_route", "0"),
            Map.entry("ipv4/conf/default/accept_source_route", "0"),
            Map.entry("ipv4/conf/all/send_redirects", "0"),
            Map.entry("ipv4/conf/default/send_redirects", "0"),
            Map.entry("ipv4/conf/all/accept_redirects", "0"),
            Map.entry("ipv4/conf/default/accept_redirects", "0"),
            Map.entry("ipv6/conf/all/disable_ipv6", "1"),
            Map.entry("ipv6/conf/default/disable_ipv6", "1"));

    private static final Path FORWARDING = Path.of("/proc/sys/net/ipv4/ip_forward");

    private final FabricSettings settings;
    private final FabricNames names;
    private final Path file;
    private final PublicPool pool;
    private final VpcServices.Starter starter;

    // All below is guarded by this.
    private Ledger ledger;
    /** What is known to be in the kernel; null when that has to be looked at. */
    private @Nullable FabricPlan applied;

    private final Map<String, VpcServices> services = new LinkedHashMap<>();
    private final Map<String, Attachment> attachments = new HashMap<>();

    private NamespaceFabric(
            FabricSettings settings, FabricNames names, PublicPool pool, Ledger ledger, VpcServices.Starter starter) {
        this.settings = settings;
        this.names = names;
        this.pool = pool;
        this.ledger = ledger;
        this.starter = starter;
        file = ledgerFile(settings);
    }

    /**
     * Opens the fabric of a directory; nothing is made yet.
     *
     * @param guests what VPCs are served with
     * @throws IOException if no public pool is free, or the ledger cannot be read
     */
    public static NamespaceFabric open(FabricSettings settings, GuestServices guests) throws IOException {
        Files.createDirectories(settings.directory());
        var names = FabricNames.of(settings.directory());
        Ledger ledger = Ledger.read(ledgerFile(settings));
        if (settings.publicPool().isPresent()
                && ledger.pool().isPresent()
                && !ledger.pool().equals(settings.publicPool())) {
            throw new IOException("addresses of " + ledger.pool().get() + " are in use here: the public pool stays");
        }
        var wanted = ledger.pool().or(settings::publicPool);
        PublicPool pool = PublicPool.take(names, settings.runDirectory(), wanted);
        try {
            ledger = ledger.withPool(pool.range().toString());
            ledger.write(ledgerFile(settings));
            var tokens = new MetadataTokens(MetadataKey.of(settings.directory()));
            var starter = VpcServices.starter(names, settings, guests, tokens);
            return new NamespaceFabric(settings, names, pool, ledger, starter);
        } catch (IOException | RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static Path ledgerFile(FabricSettings settings) {
        return settings.directory().resolve("ledger");
    }

    @Override
    public synchronized void apply(FabricState state) throws IOException {
        ledger = ledger.withLinks(state.vpcs().stream().map(Vpc::id).toList());
        var plan = FabricPlan.of(state, names, pool.range(), settings, ledger.links());
        Set<Part> desired = new LinkedHashSet<>(plan.parts());
        FabricPlan before = applied;
        if (before == null || !before.equals(plan)) {
            applied = null;
            change(before, plan, desired);
            applied = plan;
        }
        serve(state);
        attachments.clear();
        for (Vpc vpc : state.vpcs()) {
            for (Nic nic : vpc.nics()) {
                attachments.put(nic.id(), attachment(vpc, nic));
            }
        }
    }

    private void change(@Nullable FabricPlan before, FabricPlan plan, Set<Part> desired) throws IOException {
        Set<Part> known = ledger.parts();
        List<Part> gone = known.stream().filter(part -> !desired.contains(part)).toList();
        Set<Part> toMake = before == null
                ? missing(desired)
                : desired.stream()
                        .filter(part -> !known.contains(part))
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!known.equals(desired)) {
            var both = new LinkedHashSet<>(known);
            both.addAll(desired);
            ledger = ledger.withParts(both);
            ledger.write(file);
        }
        // Filters stand before what they are to filter, and what was revoked is closed first of all.
        make(toMake, Part.Namespace.class::isInstance);
        for (var filter : plan.filters().entrySet()) {
            String loaded = before == null ? null : before.filters().get(filter.getKey());
            if (!filter.getValue().equals(loaded)) {
                Commands.nft(filter.getKey(), filter.getValue());
            }
        }
        stopServices(gone);
        unmake(gone);
        forwardInNewNamespaces(toMake);
        make(toMake, part -> !(part instanceof Part.Namespace));
        answerForNeighboursAtOnce(toMake);
        if (!ledger.parts().equals(desired)) {
            ledger = ledger.withParts(desired);
            ledger.write(file);
        }
    }

    /** Everything but those namespaces and devices that are there already. */
    private static Set<Part> missing(Set<Part> desired) throws IOException {
        Map<String, Set<String>> devices = new HashMap<>();
        var missing = new LinkedHashSet<Part>();
        for (Part part : desired) {
            boolean there = switch (part) {
                case Part.Namespace(String name) -> !devices(name, devices).isEmpty();
                case Part.Pair pair -> devices(pair.peerNamespace(), devices).contains(pair.peerDevice());
                case Part.Tap tap -> devices(tap.namespace(), devices).contains(tap.device());
                default -> false;
            };
            if (!there) {
                missing.add(part);
            }
        }
        return missing;
    }

    /** The devices of a namespace; empty if there is no such namespace, since one that is there has its lo. */
    private static Set<String> devices(String name, Map<String, Set<String>> seen) throws IOException {
        Set<String> known = seen.get(name);
        if (known == null) {
            var namespace = new NetworkNamespace(name);
            known = namespace.exists() ? namespace.devices() : Set.of();
            seen.put(name, known);
        }
        return known;
    }

    private static void make(Set<Part> parts, Predicate<Part> which) throws IOException {
        var commands = new ArrayList<Command>();
        parts.stream().filter(which).forEach(part -> commands.addAll(part.make()));
        // By name: first the host, whose pair ends in the router, then the router, whose pairs end in VPCs, then these.
        commands.sort(Comparator.comparing(Command::namespace));
        Commands.ip(commands, false);
    }

    private static void unmake(List<Part> parts) throws IOException {
        for (Part part : parts) {
            if (part instanceof Part.HostTable(String name)) {
                Commands.nft("", RouterFilter.without(name));
            }
        }
        var commands = new ArrayList<Command>();
        var namespaces = parts.stream()
                .filter(Part.Namespace.class::isInstance)
                .map(part -> ((Part.Namespace) part).name())
                .collect(Collectors.toSet());
        for (Part part : parts.reversed()) {
            for (Command command : part.unmake()) {
                // What is inside goes with its namespace; devices are taken away by name, since a machine that still
                // runs
                // keeps its namespace alive.
                boolean inside = namespaces.contains(command.namespace());
                if (!inside || part instanceof Part.Pair || part instanceof Part.Tap) {
                    commands.add(command);
                }
            }
        }
        // The host's own lines remove the namespaces that the others are for.
        commands.sort(
                java.util.Comparator.comparing(command -> command.namespace().isEmpty()));
        Commands.ip(commands, true);
    }

    /** Settings that the namespace's devices inherit when they are made. */
    private static void forwardInNewNamespaces(Set<Part> made) throws IOException {
        for (Part part : made) {
            if (part instanceof Part.Namespace(String name)) {
                new NetworkNamespace(name).set(INHERITED);
            }
        }
    }

    /** Without this the kernel waits up to 0.8 s before it answers an ARP request for somebody else. */
    private static void answerForNeighboursAtOnce(Set<Part> made) throws IOException {
        Map<String, Map<String, String>> values = new LinkedHashMap<>();
        for (Part part : made) {
            if (part instanceof Part.Tap(String namespace, String device)) {
                values.computeIfAbsent(namespace, _ -> new HashMap<>())
                        .put("ipv4/neigh/" + device + "/proxy_delay", "0");
            }
        }
        for (var entry : values.entrySet()) {
            new NetworkNamespace(entry.getKey()).set(entry.getValue());
        }
    }

    private void stopServices(List<Part> gone) {
        for (Part part : gone) {
            if (part instanceof Part.Namespace(String name)) {
                VpcServices served = services.remove(name);
                if (served != null) {
                    served.close();
                }
            }
        }
    }

    private void serve(FabricState state) throws IOException {
        for (Vpc vpc : state.vpcs()) {
            String namespace = names.namespace(vpc.id());
            VpcServices served = services.get(namespace);
            if (served == null) {
                served = starter.start(vpc.id());
                services.put(namespace, served);
            }
            served.update(vpc);
        }
    }

    private Attachment attachment(Vpc vpc, Nic nic) {
        String tap = names.tap(vpc.id(), nic.id());
        return new Attachment(
                "tap,ifname=" + tap + ",script=no,downscript=no",
                new NetworkNamespace(names.namespace(vpc.id())).prefix(),
                Optional.empty());
    }

    @Override
    public synchronized Attachment attachment(String nicId) throws IOException {
        Attachment attachment = attachments.get(nicId);
        if (attachment == null) {
            throw new IOException("the fabric has no card " + nicId);
        }
        return attachment;
    }

    @Override
    public Optional<String> publicPool() {
        return Optional.of(pool.range().toString());
    }

    @Override
    public List<String> lacks() {
        if (!settings.egress()) {
            return List.of();
        }
        try {
            return Files.readString(FORWARDING).strip().equals("0")
                    ? List.of(
                            "Guests do not reach the world outside: this host does not forward (net.ipv4.ip_forward).")
                    : List.of();
        } catch (IOException e) {
            return List.of("Whether this host forwards cannot be told: " + e.getMessage());
        }
    }

    @Override
    public synchronized void destroy() throws IOException {
        applied = null;
        closeServices();
        attachments.clear();
        unmake(List.copyOf(ledger.parts()));
        ledger = ledger.withParts(Set.of());
        ledger.write(file);
    }

    private void closeServices() {
        try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
            services.values().forEach(served -> closing.execute(served::close));
        }
        services.clear();
    }

    @Override
    public synchronized void close() {
        closeServices();
        pool.close();
    }
}
