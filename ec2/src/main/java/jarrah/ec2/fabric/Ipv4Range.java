package jarrah.ec2.fabric;

/**
 * A range of IPv4 addresses in CIDR form.
 *
 * @param base its first address as a big-endian number; no bit set beyond the prefix
 * @param prefix number of leading bits that its addresses share, 0 to 32
 */
record Ipv4Range(int base, int prefix) {
    Ipv4Range {
        if (prefix < 0 || prefix > 32 || (base & ~mask(prefix)) != 0) {
            throw new IllegalArgumentException(format(base) + "/" + prefix + " is not a range of addresses");
        }
    }

    /** Reads {@code 10.0.0.0/16}; bits beyond the prefix are cleared. */
    static Ipv4Range parse(String cidr) {
        int slash = cidr.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(cidr + " is not an IPv4 CIDR");
        }
        int prefix = Integer.parseInt(cidr.substring(slash + 1));
        if (prefix < 0 || prefix > 32) {
            throw new IllegalArgumentException(cidr + " has no prefix from 0 to 32");
        }
        return new Ipv4Range(parseAddress(cidr.substring(0, slash)) & mask(prefix), prefix);
    }

    /** Reads {@code 10.0.0.5}. */
    static int parseAddress(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException(text + " is not an IPv4 address");
        }
        int address = 0;
        for (String part : parts) {
            int value = part.isEmpty() || part.length() > 3 ? -1 : Integer.parseInt(part);
            if (value < 0 || value > 255) {
                throw new IllegalArgumentException(text + " is not an IPv4 address");
            }
            address = address << 8 | value;
        }
        return address;
    }

    static String format(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (32 - prefix);
    }

    /** The network mask. */
    int mask() {
        return mask(prefix);
    }

    boolean contains(int address) {
        return (address & mask()) == base;
    }

    /** The address that many places after the first. */
    int plus(int offset) {
        return base + offset;
    }

    @Override
    public String toString() {
        return format(base) + "/" + prefix;
    }
}
