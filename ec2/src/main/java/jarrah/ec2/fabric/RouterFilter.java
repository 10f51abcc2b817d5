package jarrah.ec2.fabric;

/** The packet filters between VPCs and host, as text for {@code nft -f}; each replaces its table as one change. */
final class RouterFilter {
    private RouterFilter() {}

    /**
     * The router's: the host and every VPC may ask for public addresses, and the VPC's own filter decides about it there.
     * Nothing reaches the router itself, and nothing begins towards the host.
     */
    static String router(Ipv4Range pool, boolean egress) {
        return """
                table inet jarrah
                delete table inet jarrah
                table inet jarrah {
                  chain input {
                    type filter hook input priority filter; policy drop;
                  }
                  chain forward {
                    type filter hook forward priority filter; policy drop;
                    ct state established,related accept
                    ip daddr POOL oifname != "host" accept
                EGRESS  }
                }
                """.replace("EGRESS", egress ? EGRESS_OF_ROUTER : "").replace("POOL", pool.toString());
    }

    private static final String EGRESS_OF_ROUTER = """
                ip saddr { POOL, LINKS } oifname "host" accept
              }
              chain outwards {
                type nat hook postrouting priority srcnat; policy accept;
                oifname "host" ip saddr LINKS masquerade
            """.replace("LINKS", FabricPlan.LINKS);

    /**
     * The host's own, with egress only: guests go through the host, and nowhere into it. Without egress nothing of a guest
     * comes this far, and the host's packet filter is left alone.
     */
    static String host(FabricNames names, Ipv4Range pool) {
        return """
                table inet TABLE
                delete table inet TABLE
                table inet TABLE {
                  chain input {
                    type filter hook input priority filter - 10; policy accept;
                    iifname "DEVICE" ct state established,related accept
                    iifname "DEVICE" drop
                  }
                  chain outwards {
                    type nat hook postrouting priority srcnat; policy accept;
                    oifname != "DEVICE" ip saddr POOL ip daddr != 198.18.0.0/15 masquerade
                  }
                }
                """.replace("TABLE", names.hostTable())
                .replace("DEVICE", names.hostDevice())
                .replace("POOL", pool.toString());
    }

    /** Removes that table of the host, if it is there. */
    static String without(String table) {
        return "table inet " + table + "\ndelete table inet " + table + "\n";
    }
}
