package jarrah.ec2.compute;

import java.util.Optional;

/** Blocks of IPv4 addresses, as clients write them. */
public final class IpBlocks {
    private IpBlocks() {}

    /** The block in its canonical form, with the bits of the host zero; empty if the text is none. */
    public static Optional<String> canonical(String text) {
        try {
            return Optional.of(Addresses.block(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
