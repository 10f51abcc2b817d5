package jarrah.iam.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that begin with the same bits, of IPv4 or IPv6; names are never looked up.
 *
 * @param address 4 or 16 bytes
 * @param bits of the prefix, 0 to 32 or 128
 */
record IpRange(List<Byte> address, int bits) {

    /** {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address; null if it is none. */
    static @Nullable IpRange parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] address = host.indexOf(':') < 0 ? four(host) : sixteen(host);
        if (address == null) {
            return null;
        }
        int most = address.length * 8;
        int bits = slash < 0 ? most : small(text.substring(slash + 1), most);
        if (bits < 0) {
            return null;
        }
        var bytes = new ArrayList<Byte>(address.length);
        for (byte b : address) {
            bytes.add(b);
        }
        return new IpRange(List.copyOf(bytes), bits);
    }

    /** Whether every address of this range is one of the other. */
    boolean isIn(IpRange other) {
        if (other.address.size() != address.size() || other.bits > bits) {
            return false;
        }
        for (int bit = 0; bit < other.bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            if (((address.get(bit >> 3) ^ other.address.get(bit >> 3)) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    /** How many addresses it has, as a power of two. */
    int freeBits() {
        return address.size() * 8 - bits;
    }

    boolean isIpv4() {
        return address.size() == 4;
    }

    private static int small(String digits, int most) {
        if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        int value = Integer.parseInt(digits);
        return value <= most ? value : -1;
    }

    private static byte @Nullable [] four(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            int value = small(parts[i], 255);
            if (value < 0) {
                return null;
            }
            address[i] = (byte) value;
        }
        return address;
    }

    private static byte @Nullable [] sixteen(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        byte[] head = groups(gap < 0 ? text : text.substring(0, gap));
        byte[] tail = gap < 0 ? new byte[0] : groups(text.substring(gap + 2));
        if (head == null || tail == null || head.length + tail.length > (gap < 0 ? 16 : 14)) {
            return null;
        }
        if (gap < 0 && head.length != 16) {
            return null;
        }
        byte[] address = Arrays.copyOf(head, 16);
        System.arraycopy(tail, 0, address, 16 - tail.length, tail.length);
        return address;
    }

    private static byte @Nullable [] groups(String text) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 8) {
            return null;
        }
        byte[] bytes = new byte[parts.length * 2 + 2];
        int length = 0;
        for (int i = 0; i < parts.length; i++) {
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                byte[] last = four(parts[i]);
                if (last == null) {
                    return null;
                }
                System.arraycopy(last, 0, bytes, length, 4);
                length += 4;
                continue;
            }
            if (parts[i].isEmpty() || parts[i].length() > 4) {
                return null;
            }
            for (int c = 0; c < parts[i].length(); c++) {
                if (Character.digit(parts[i].charAt(c), 16) < 0) {
                    return null;
                }
            }
            int value = Integer.parseInt(parts[i], 16);
            bytes[length++] = (byte) (value >> 8);
            bytes[length++] = (byte) value;
        }
        return Arrays.copyOf(bytes, length);
    }
}
