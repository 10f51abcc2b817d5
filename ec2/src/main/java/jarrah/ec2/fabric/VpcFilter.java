package jarrah.ec2.fabric;

import jarrah.ec2.fabric.FabricState.Group;
import jarrah.ec2.fabric.FabricState.Nic;
import jarrah.ec2.fabric.FabricState.Peer;
import jarrah.ec2.fabric.FabricState.Rule;
import jarrah.ec2.fabric.FabricState.Subnet;
import jarrah.ec2.fabric.FabricState.Vpc;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A VPC's packet filter, as text for {@code nft -f}, which loads it as one change.
 *
 * <p>The way of a packet: {@code spoof} lets in only what carries the addresses of the card whose tap it came by; then, if
 * it is for us, {@code input}; else {@code forward}: the sender's groups by a map of source addresses, which go on to
 * {@code admit} where a rule allows; there the receiver's groups by a map of destination addresses, which accept. What
 * came from the uplink has no sender here and begins at {@code admit}. Public addresses are mapped one to one at the
 * uplink, so that behind it overlapping VPCs never meet; a connection whose mapping is gone is cut.
 *
 * <p>Every word that gets into the text is parsed and written anew, or made of letters and digits: none is passed through.
 */
final class VpcFilter {
    private final Vpc vpc;
    private final FabricNames names;
    private final boolean egress;
    private final Set<String> groupIds;
    /** Chains for cards with the same groups, by the groups. */
    private final Map<List<String>, String> combinations = new LinkedHashMap<>();

    private final StringBuilder text = new StringBuilder(4096);

    private VpcFilter(Vpc vpc, FabricNames names, boolean egress) {
        this.vpc = vpc;
        this.names = names;
        this.egress = egress;
        groupIds = vpc.groups().stream().map(Group::id).collect(Collectors.toSet());
        for (Nic nic : vpc.nics()) {
            combinations.computeIfAbsent(groupsOf(nic), groups -> "combination_" + combinationName(groups));
        }
    }

    static String text(Vpc vpc, FabricNames names, boolean egress) {
        return new VpcFilter(vpc, names, egress).write();
    }

    private String write() {
        text.append("""
                table inet jarrah
                delete table inet jarrah
                table inet jarrah {
                """);
        sets();
        text.append("""
                  chain spoof {
                    type filter hook prerouting priority raw; policy accept;
                    iifname { "lo", "uplink" } accept
                    iifname . ether saddr . ip saddr @cards accept
                    iifname . ether saddr . ip saddr @newcomers udp sport 68 udp dport 67 accept
                    counter drop
                  }
                  chain inwards {
                    type nat hook prerouting priority dstnat; policy accept;
                    iifname "uplink" dnat ip to ip daddr map @private_of
                  }
                """);
        outwards();
        text.append("""
                  chain input {
                    type filter hook input priority filter; policy drop;
                    iifname "uplink" drop
                    ct state established,related accept
                    udp sport 68 udp dport 67 accept
                    ip daddr @name_servers meta l4proto { tcp, udp } th dport 53 accept
                    ip daddr 169.254.169.254 tcp dport 80 accept
                    ip daddr 169.254.169.150-169.254.169.250 tcp dport 8773 accept
                  }
                  chain forward {
                    type filter hook forward priority filter; policy drop;
                    ct state invalid drop
                    ct status dnat ct original ip daddr . ct reply ip saddr != @mappings drop
                    ct status snat ct reply ip daddr != 169.254.64.0/18 ct reply ip daddr . ct original ip saddr != @mappings drop
                    ct state established,related accept
                    ip daddr 169.254.0.0/16 drop
                    iifname "uplink" ct status dnat goto admit
                    iifname "uplink" drop
                    ip saddr vmap @senders
                  }
                  chain admit {
                """);
        text.append(egress ? "" : "    iifname != \"uplink\" oifname \"uplink\" ip saddr @with_public accept\n");
        text.append(egress ? "    iifname != \"uplink\" oifname \"uplink\" accept\n" : "");
        text.append("    ip daddr vmap @receivers\n    drop\n  }\n");
        combinationChains();
        for (Group group : vpc.groups()) {
            groupChain("in_" + word(group.id()), group.ingress(), "saddr", "accept");
            groupChain("out_" + word(group.id()), group.egress(), "daddr", "goto admit");
        }
        return text.append("}\n").toString();
    }

    private void outwards() {
        text.append("  chain outwards {\n    type nat hook postrouting priority srcnat; policy accept;\n");
        text.append("    oifname \"uplink\" snat ip to ip saddr map @public_of\n");
        text.append(egress ? "    oifname \"uplink\" masquerade\n" : "").append("  }\n");
    }

    private void sets() {
        List<Nic> nics = vpc.nics();
        List<Nic> withPublic =
                nics.stream().filter(nic -> nic.publicAddress().isPresent()).toList();
        set("set cards", "typeof iifname . ether saddr . ip saddr", nics, nic -> card(nic) + address(nic));
        set("set newcomers", "typeof iifname . ether saddr . ip saddr", nics, nic -> card(nic) + "0.0.0.0");
        set("set with_public", "type ipv4_addr", withPublic, VpcFilter::address);
        set(
                "set mappings",
                "typeof ct original ip daddr . ct reply ip saddr",
                withPublic,
                nic -> publicAddress(nic) + " . " + address(nic));
        set(
                "map private_of",
                "type ipv4_addr : ipv4_addr",
                withPublic,
                nic -> publicAddress(nic) + " : " + address(nic));
        set(
                "map public_of",
                "type ipv4_addr : ipv4_addr",
                withPublic,
                nic -> address(nic) + " : " + publicAddress(nic));
        var nameServers = new LinkedHashSet<>(List.of(ServiceAddresses.NAME_SERVER));
        for (Subnet subnet : vpc.subnets()) {
            nameServers.add(Ipv4Range.format(Ipv4Range.parse(subnet.cidr()).plus(2)));
        }
        set("set name_servers", "type ipv4_addr", nameServers, Function.identity());
        for (Group group : vpc.groups()) {
            var members = nics.stream()
                    .filter(nic -> nic.groupIds().contains(group.id()))
                    .toList();
            set("set members_" + word(group.id()), "type ipv4_addr", members, VpcFilter::address);
        }
    }

    private <T> void set(String head, String type, Collection<T> members, Function<T, String> element) {
        text.append("  ").append(head).append(" {\n    ").append(type).append('\n');
        if (!members.isEmpty()) {
            text.append("    elements = { ")
                    .append(members.stream().map(element).distinct().collect(Collectors.joining(", ")))
                    .append(" }\n");
        }
        text.append("  }\n");
    }

    private void combinationChains() {
        combinations.forEach((groups, name) -> {
            chain("in_" + name, groups, "in_", "    drop\n");
            chain("out_" + name, groups, "out_", "    drop\n");
        });
        set("map senders", "type ipv4_addr : verdict", vpc.nics(), nic -> verdict(nic, "out_"));
        set("map receivers", "type ipv4_addr : verdict", vpc.nics(), nic -> verdict(nic, "in_"));
    }

    private String verdict(Nic nic, String direction) {
        return address(nic) + " : goto " + direction + combinations.get(groupsOf(nic));
    }

    private void chain(String name, List<String> groups, String prefix, String end) {
        text.append("  chain ").append(name).append(" {\n");
        groups.forEach(group ->
                text.append("    jump ").append(prefix).append(word(group)).append('\n'));
        text.append(end).append("  }\n");
    }

    private void groupChain(String name, List<Rule> rules, String side, String verdict) {
        text.append("  chain ").append(name).append(" {\n");
        for (Rule rule : rules) {
            for (String match : matches(rule, side)) {
                text.append("    ").append(match).append(verdict).append('\n');
            }
        }
        text.append("  }\n");
    }

    /** What a rule matches: one expression, or none if it can match nothing here. */
    private List<String> matches(Rule rule, String side) {
        String who = switch (rule.peer()) {
            case Peer.Cidr(String cidr) -> {
                var range = Ipv4Range.parse(cidr);
                yield range.prefix() == 0 ? "" : "ip " + side + " " + range + " ";
            }
            case Peer.Members(String group) ->
                groupIds.contains(group) ? "ip " + side + " @members_" + word(group) + " " : null;
        };
        return who == null ? List.of() : List.of(who + protocol(rule));
    }

    private static String protocol(Rule rule) {
        int protocol = rule.protocol();
        return switch (protocol) {
            case -1 -> "";
            case 1 -> icmp(rule);
            case 6 -> ports("tcp", rule);
            case 17 -> ports("udp", rule);
            default -> {
                if (protocol < 0 || protocol > 255) {
                    throw new IllegalArgumentException("no protocol number: " + protocol);
                }
                yield "meta l4proto " + protocol + " ";
            }
        };
    }

    private static String ports(String name, Rule rule) {
        if (rule.from() <= 0 && (rule.to() < 0 || rule.to() >= 65_535)) {
            return "meta l4proto " + name + " ";
        }
        int to = rule.to() < 0 ? 65_535 : rule.to();
        return name + " dport " + Math.max(0, rule.from()) + (rule.from() == to ? " " : "-" + to + " ");
    }

    private static String icmp(Rule rule) {
        if (rule.from() < 0) {
            return "meta l4proto icmp ";
        }
        return "icmp type " + rule.from() + " " + (rule.to() < 0 ? "" : "icmp code " + rule.to() + " ");
    }

    private List<String> groupsOf(Nic nic) {
        return new ArrayList<>(
                new TreeSet<>(nic.groupIds().stream().filter(groupIds::contains).toList()));
    }

    /** One group's name, or a hash of several: stable, so that the text changes only where the groups do. */
    private static String combinationName(List<String> groups) {
        return switch (groups.size()) {
            case 0 -> "none";
            case 1 -> word(groups.getFirst());
            default -> FabricNames.hash(String.join(" ", groups)).substring(0, 16);
        };
    }

    private String card(Nic nic) {
        return "\"" + names.tap(vpc.id(), nic.id()) + "\" . " + FabricPlan.mac(nic) + " . ";
    }

    private static String address(Nic nic) {
        return Ipv4Range.format(Ipv4Range.parseAddress(nic.address()));
    }

    private static String publicAddress(Nic nic) {
        return Ipv4Range.format(Ipv4Range.parseAddress(nic.publicAddress().orElseThrow()));
    }

    /** An id as a word of nft's language. */
    private static String word(String id) {
        if (!id.matches("[A-Za-z0-9-]{1,64}")) {
            throw new IllegalArgumentException(id + " is not an id");
        }
        return id.replace('-', '_');
    }
}
