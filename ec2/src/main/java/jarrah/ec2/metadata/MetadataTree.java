package jarrah.ec2.metadata;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The tree below {@code meta-data} and {@code dynamic} of one instance: values by their path, from which the listings of
 * directories follow. Names as in "Instance metadata categories" of the EC2 user guide.
 */
final class MetadataTree {
    private static final String KEYS = "meta-data/public-keys/";

    private final TreeMap<String, String> values = new TreeMap<>();
    /** Names of key pairs by their number, as their directory shows them. */
    private final TreeMap<Integer, String> keyNames = new TreeMap<>();

    private MetadataTree() {}

    static MetadataTree of(InstanceMetadata instance) {
        var tree = new MetadataTree();
        tree.identity(instance);
        tree.names(instance);
        tree.keys(instance);
        tree.networkCard(instance);
        tree.profile(instance);
        instance.blockDevices().forEach((name, device) -> tree.put("block-device-mapping/" + name, device));
        instance.instanceTags().forEach((name, value) -> {
            if (!name.contains("/")) { // it could not be told from a directory; EC2 refuses such tags here
                tree.put("tags/instance/" + name, value);
            }
        });
        tree.values.put("dynamic/instance-identity/document", IdentityDocument.of(instance));
        return tree;
    }

    /**
     * What is at a path.
     *
     * @param path without a slash at its ends; a directory gives its listing
     */
    Optional<String> read(String path) {
        if (path.equals("meta-data/public-keys") && !keyNames.isEmpty()) {
            var listing = new StringBuilder();
            keyNames.forEach((number, name) -> listing.append(listing.isEmpty() ? "" : "\n")
                    .append(number)
                    .append('=')
                    .append(name));
            return Optional.of(listing.toString());
        }
        return Optional.ofNullable(values.get(path)).or(() -> listing(path + "/"));
    }

    private Optional<String> listing(String directory) {
        Set<String> names = new LinkedHashSet<>();
        for (String path : values.tailMap(directory).keySet()) {
            if (!path.startsWith(directory)) {
                break;
            }
            int slash = path.indexOf('/', directory.length());
            names.add(slash < 0 ? path.substring(directory.length()) : path.substring(directory.length(), slash + 1));
        }
        return names.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", names));
    }

    private void put(String path, String value) {
        values.put("meta-data/" + path, value);
    }

    private void identity(InstanceMetadata instance) {
        put("ami-id", instance.imageId());
        put("ami-launch-index", Integer.toString(instance.amiLaunchIndex()));
        put("ami-manifest-path", instance.manifestPath());
        put("instance-action", "none");
        put("instance-id", instance.instanceId());
        put("instance-life-cycle", "on-demand");
        put("instance-type", instance.instanceType());
        instance.kernelId().ifPresent(id -> put("kernel-id", id));
        instance.ramdiskId().ifPresent(id -> put("ramdisk-id", id));
        put("placement/availability-zone", instance.availabilityZone());
        put("placement/region", instance.region());
        put("profile", "default-hvm");
        put("reservation-id", instance.reservationId());
        put("security-groups", String.join("\n", instance.securityGroupNames()));
        put("services/domain", "amazonaws.com");
        put("services/partition", "aws");
    }

    private void names(InstanceMetadata instance) {
        put("hostname", instance.privateDnsName());
        put("local-hostname", instance.privateDnsName());
        put("local-ipv4", instance.privateAddress());
        put("mac", instance.mac());
        instance.publicDnsName().ifPresent(name -> put("public-hostname", name));
        instance.publicAddress().ifPresent(address -> put("public-ipv4", address));
    }

    private void keys(InstanceMetadata instance) {
        int number = 0;
        for (Map.Entry<String, String> key : instance.publicKeys().entrySet()) {
            keyNames.put(number, key.getKey());
            values.put(KEYS + number + "/openssh-key", key.getValue());
            number++;
        }
    }

    private void networkCard(InstanceMetadata instance) {
        String card = "network/interfaces/macs/" + instance.mac() + "/";
        put(card + "device-number", "0");
        put(card + "interface-id", instance.networkInterfaceId());
        put(card + "local-hostname", instance.privateDnsName());
        put(card + "local-ipv4s", instance.privateAddress());
        put(card + "mac", instance.mac());
        put(card + "owner-id", instance.accountId());
        put(card + "security-group-ids", String.join("\n", instance.securityGroupIds()));
        put(card + "security-groups", String.join("\n", instance.securityGroupNames()));
        put(card + "subnet-id", instance.subnetId());
        put(card + "subnet-ipv4-cidr-block", instance.subnetCidr());
        put(card + "vpc-id", instance.vpcId());
        put(card + "vpc-ipv4-cidr-block", instance.vpcCidr());
        put(card + "vpc-ipv4-cidr-blocks", instance.vpcCidr());
        instance.publicDnsName().ifPresent(name -> put(card + "public-hostname", name));
        instance.publicAddress().ifPresent(address -> {
            put(card + "public-ipv4s", address);
            put(card + "ipv4-associations/" + address, instance.privateAddress());
        });
    }

    private void profile(InstanceMetadata instance) {
        instance.profile().ifPresent(profile -> {
            put("iam/info", IdentityDocument.profile(profile));
            put("iam/security-credentials/" + profile.roleName(), IdentityDocument.credentials(profile));
        });
    }
}
