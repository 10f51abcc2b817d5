package jarrah.accelerator.site;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A block of addresses, such as {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single address. IPv4 addresses within
 * IPv6 ({@code ::ffff:10.0.0.1}) count as IPv4.
 */
public final class Network {
    private final byte[] prefix;
    private final int bits;

    private Network(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /** Reads the block; {@link IllegalArgumentException} with one line of reason if it is not one. */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException("`" + text + "` is not a network such as 10.0.0.0/8 or 2001:db8::/32");
        }
        byte[] bytes = address.getAddress();
        int bits = slash < 0 ? 8 * bytes.length : bits(text.substring(slash + 1), 8 * bytes.length, text);
        for (int bit = bits; bit < 8 * bytes.length; bit++) {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0) {
                throw new IllegalArgumentException("`" + text + "` has bits beyond its prefix of " + bits);
            }
        }
        return new Network(bytes, bits);
    }

    private static int bits(String text, int most, String whole) {
        try {
            int bits = Integer.parseInt(text);
            if (bits >= 0 && bits <= most && !text.startsWith("+")) {
                return bits;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("`" + whole + "` has no prefix length from 0 to " + most);
    }

    /** An address from its digits, never from a name; null if the text is none. */
    public static @Nullable InetAddress address(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 45;
        boolean v6 = text.indexOf(':') >= 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            digits &= v6 ? Character.digit(c, 16) >= 0 || c == ':' || c == '.' : (c >= '0' && c <= '9') || c == '.';
        }
        if (!digits || (!v6 && text.chars().filter(c -> c == '.').count() != 3)) {
            return null;
        }
        try {
            return InetAddress.getByName(text); // digits alone are parsed, not resolved
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** Whether the address lies in the block. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != prefix.length) {
            return false;
        }
        int whole = bits / 8;
        for (int i = 0; i < whole; i++) {
            if (bytes[i] != prefix[i]) {
                return false;
            }
        }
        int mask = 0xff00 >> (bits % 8);
        return bits % 8 == 0 || ((bytes[whole] ^ prefix[whole]) & mask & 0xff) == 0;
    }
}
