package jarrah.accelerator;

import jarrah.accelerator.site.Network;
import jarrah.http.RequestHead;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whose request it is, as far as that can be known. */
final class ClientAddress {
    private ClientAddress() {}

    static boolean trusts(List<Network> proxies, InetAddress peer) {
        for (Network proxy : proxies) {
            if (proxy.contains(peer)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The peer, or if that is a trusted proxy the last address in X-Forwarded-For that is none; each proxy appends the
     * one that it saw, so that what stands further left may be anyone's invention.
     *
     * @return null if a trusted proxy passed on what is no address
     */
    static @Nullable InetAddress of(RequestHead request, List<Network> proxies) {
        InetAddress address = request.remote().getAddress();
        if (proxies.isEmpty() || !trusts(proxies, address)) {
            return address;
        }
        String forwarded = request.headers().joined("X-Forwarded-For");
        String[] hops = forwarded == null || forwarded.isBlank() ? new String[0] : forwarded.split(",");
        for (int i = hops.length - 1; i >= 0; i--) {
            address = Network.address(hops[i].strip());
            if (address == null || !trusts(proxies, address)) {
                return address;
            }
        }
        return address;
    }
}
