package jarrah.ec2.fabric;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The names that a VPC's guests may ask for.
 *
 * @param hosts addresses of cards by full name, lower case
 * @param services addresses of services by name: every name below one leads there too, as S3 has a name for each bucket
 * @param domains domains of ours: a name in them that is not known does not exist
 */
record DnsZone(Map<String, Integer> hosts, Map<String, Integer> services, java.util.List<String> domains) {
    static final DnsZone EMPTY = new DnsZone(Map.of(), Map.of(), java.util.List.of());

    /** The address of a name, in whatever case. */
    Optional<Integer> address(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        Integer host = hosts.get(lower);
        if (host != null) {
            return Optional.of(host);
        }
        for (String suffix = lower; !suffix.isEmpty(); suffix = parent(suffix)) {
            Integer service = services.get(suffix);
            if (service != null) {
                return Optional.of(service);
            }
        }
        return Optional.empty();
    }

    /** The name of an address that {@code in-addr.arpa} asks about. */
    Optional<String> pointer(String name) {
        Map<Integer, String> names = new HashMap<>();
        hosts.forEach((host, address) -> names.merge(address, host, (a, b) -> a.startsWith("ip-") ? a : b));
        String[] labels = name.toLowerCase(Locale.ROOT).split("\\.");
        if (labels.length != 6 || !labels[4].equals("in-addr") || !labels[5].equals("arpa")) {
            return Optional.empty();
        }
        try {
            String address = labels[3] + "." + labels[2] + "." + labels[1] + "." + labels[0];
            return Optional.ofNullable(names.get(Ipv4Range.parseAddress(address)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether nobody else can know about the name. */
    boolean isOurs(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return domains.stream().anyMatch(domain -> lower.equals(domain) || lower.endsWith("." + domain));
    }

    private static String parent(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1);
    }
}
