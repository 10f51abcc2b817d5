package jarrah.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for the PROXY header with which a balancer's connection begins, and then lets the connection start. */
final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage> {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    private final Start start;
    private boolean started;

    /** Goes on with a connection. */
    interface Start {
        /**
         * Adds what speaks HTTP to the pipeline.
         *
         * @param client whom the connection is for; null if the balancer itself asks, or does not tell
         * @param asked the address that the client has connected to; null with the client
         */
        void start(@Nullable InetSocketAddress client, @Nullable InetSocketAddress asked);
    }

    private ProxyHeader(Start start) {
        this.start = start;
    }

    /** Puts itself into the pipeline; cuts the connection if there is no header after that time. */
    static void await(Channel channel, Duration patience, Start start) {
        var header = new ProxyHeader(start);
        channel.pipeline().addLast(new HAProxyMessageDecoder(), header);
        var late = channel.eventLoop()
                .schedule(
                        () -> {
                            if (!header.started) {
                                channel.close();
                            }
                        },
                        patience.toNanos(),
                        TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(_ -> late.cancel(false));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HAProxyMessage message) throws UnknownHostException {
        started = true;
        boolean told = message.command() == HAProxyCommand.PROXY
                && (message.proxiedProtocol().addressFamily() == AddressFamily.AF_IPv4
                        || message.proxiedProtocol().addressFamily() == AddressFamily.AF_IPv6);
        if (told) {
            start.start(
                    address(message.sourceAddress(), message.sourcePort()),
                    address(message.destinationAddress(), message.destinationPort()));
        } else {
            start.start(null, null);
        }
        // The decoder leaves by itself, and hands what it has read beyond the header to whatever follows it then.
        context.pipeline().remove(this);
    }

    /** Never asks the DNS. */
    private static InetSocketAddress address(String text, int port) throws UnknownHostException {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            throw new UnknownHostException(text);
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.info(
                "{} sent no PROXY header that can be read: {}",
                context.channel().remoteAddress(),
                cause.getMessage());
        context.close();
    }
}
