package jarrah.ec2.fabric;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The names of a fabric's namespaces and devices: hashes of its identity, so that neither two servers nor two VPCs meet,
 * and the same after a restart. A device name has at most 15 characters (IFNAMSIZ).
 *
 * @param id eight hex digits that stand for the fabric's directory
 */
record FabricNames(String id) {
    /** The router's end of the pair that leads to the host. */
    static final String ROUTER_TO_HOST = "host";

    /** A VPC's end of the pair that leads to the router. */
    static final String UPLINK = "uplink";

    /** The packet filter's table in each namespace. */
    static final String TABLE = "jarrah";

    static FabricNames of(Path directory) {
        return new FabricNames(hash(directory.toString()).substring(0, 8));
    }

    String router() {
        return "jarrah-" + id;
    }

    String namespace(String vpcId) {
        return "jarrah-" + id + "-" + vpcId;
    }

    /** The host's end of the pair that leads to the router. */
    String hostDevice() {
        return "jrh" + hash(id).substring(0, 12);
    }

    /** The router's end of the pair that leads to a VPC. */
    String routerDevice(String vpcId) {
        return "jv" + hash(id + " " + vpcId).substring(0, 13);
    }

    String tap(String vpcId, String nicId) {
        return "jr" + hash(id + " " + vpcId + " " + nicId).substring(0, 13);
    }

    /** The host's own packet filter table, which there is only with egress. */
    String hostTable() {
        return "jarrah_" + id;
    }

    /** Hex digits of a digest of the text. */
    static String hash(String text) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
