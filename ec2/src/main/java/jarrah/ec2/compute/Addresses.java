package jarrah.ec2.compute;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** IPv4 addresses and blocks, as text and as numbers. */
final class Addresses {
    private static final Pattern IPV4 =
            Pattern.compile("(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})");

    private Addresses() {}

    /** The address as a number; throws IllegalArgumentException if it is none. */
    static int parse(String text) {
        Matcher matcher = IPV4.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        int address = 0;
        for (int i = 1; i <= 4; i++) {
            int octet = Integer.parseInt(matcher.group(i));
            if (octet > 255) {
                throw new IllegalArgumentException(text);
            }
            address = address << 8 | octet;
        }
        return address;
    }

    static String text(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }

    /** The block in its canonical form, with the bits of the host zero; throws IllegalArgumentException if it is none. */
    static String block(String text) {
        int slash = text.indexOf('/');
        int bits = slash < 0 ? -1 : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > 32 || text.length() - slash > 3) {
            throw new IllegalArgumentException(text);
        }
        int mask = bits == 0 ? 0 : -1 << (32 - bits);
        return text(parse(text.substring(0, slash)) & mask) + "/" + bits;
    }

    /** The number of addresses in a block of so many bits, and how many of its first and last ones AWS keeps. */
    static int size(String block) {
        return 1 << (32 - Integer.parseInt(block.substring(block.indexOf('/') + 1)));
    }

    /** AWS's names: {@code ip-172-31-0-4.ec2.internal} in us-east-1, with the region in all others. */
    static String privateDnsName(String address, String region) {
        String domain = region.equals("us-east-1") ? "ec2.internal" : region + ".compute.internal";
        return "ip-" + address.replace('.', '-') + "." + domain;
    }
}
