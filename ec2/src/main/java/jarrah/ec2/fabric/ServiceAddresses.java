package jarrah.ec2.fabric;

import jarrah.ec2.fabric.FabricSettings.Peer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The link-local addresses and ports at which a guest finds what the fabric serves; the same in every VPC. */
final class ServiceAddresses {
    static final String METADATA = "169.254.169.254";
    static final int METADATA_PORT = 80;

    /** Amazon's name server address that is the same in every VPC. */
    static final String NAME_SERVER = "169.254.169.253";

    static final int NAME_PORT = 53;
    static final int DHCP_PORT = 67;

    /** This region's API; the peers' follow downwards. */
    static final String API = "169.254.169.250";

    static final int API_PORT = 8773;

    private ServiceAddresses() {}

    /** Where each peer's API is found, in the order of the settings. */
    static Map<Peer, String> ofPeers(List<Peer> peers) {
        var addresses = new LinkedHashMap<Peer, String>();
        int address = Ipv4Range.parseAddress(API);
        for (Peer peer : peers) {
            addresses.put(peer, Ipv4Range.format(--address));
        }
        return addresses;
    }

    /** The name of a region's API. */
    static String apiName(String region) {
        return "api." + region + ".jarrah.internal";
    }
}
