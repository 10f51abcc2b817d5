package jarrah.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP/2 (RFC 9113) on a TLS port. Frames, flow control, header compression and the defences against floods of frames are
 * Netty's; each stream is a {@link ServerConnection} of one request, behind an {@link Http2Stream} that translates.
 */
final class Http2 {
    private static final Logger LOG = LoggerFactory.getLogger(Http2.class);

    /** Requests of one connection at a time; RFC 9113, 5.1.2 advises no fewer. */
    private static final int MAX_STREAMS = 100;

    /** Of each request's body so much may be on its way; the protocol's own first value. */
    private static final int STREAM_WINDOW_BYTES = 65_535;

    /** Room for what all streams may have on its way, so that one that nobody reads holds up no other. */
    private static final int CONNECTION_WINDOW_BYTES = MAX_STREAMS * STREAM_WINDOW_BYTES;

    /** How long a client may take to end its side of a connection that we have ended. */
    private static final long LINGER_NANOS = 2_000_000_000L;

    private Http2() {}

    /** Waits for what the handshake settles, and has the connection served so. */
    static final class Negotiation extends ApplicationProtocolNegotiationHandler {
        private final Consumer<Channel> http1;
        private final Consumer<Channel> http2;

        Negotiation(Consumer<Channel> http1, Consumer<Channel> http2) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.http1 = http1;
            this.http2 = http2;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            (protocol.equals(ApplicationProtocolNames.HTTP_2) ? http2 : http1).accept(context.channel());
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
            LOG.debug("no TLS", cause); // a client that does not like the certificate is no trouble of ours
            context.close();
        }
    }

    /**
     * Serves a connection.
     *
     * @param stream completes the pipeline of a stream
     */
    static void serve(Channel channel, HttpServerConfig config, Consumer<Channel> stream) {
        var session = new Session(channel, config);
        channel.pipeline()
                .addLast(
                        new GentleEnd(channel),
                        Http2FrameCodecBuilder.forServer()
                                .initialSettings(Http2Settings.defaultSettings()
                                        .maxConcurrentStreams(MAX_STREAMS)
                                        .initialWindowSize(STREAM_WINDOW_BYTES)
                                        .maxHeaderListSize(config.maxHeaderBytes()))
                                .gracefulShutdownTimeoutMillis(HttpServer.CLOSE_PATIENCE.toMillis())
                                .build(),
                        new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel child) {
                                session.began(child);
                                child.pipeline()
                                        .addLast(new Http2Stream(child, config.bodyTimeout()), new Tls.FileReader());
                                stream.accept(child);
                            }
                        }),
                        session);
    }

    /**
     * Ends a connection after what was written, without a reset that could overtake it: a client that still sends, were it only
     * that it has room again, would else lose what it has not yet read (RFC 9112, 9.6, says so of HTTP/1.1).
     */
    private static final class GentleEnd extends ChannelDuplexHandler {
        private final Deadline patience;
        private boolean ending;

        GentleEnd(Channel channel) {
            patience = new Deadline(channel.eventLoop(), channel::close);
        }

        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) {
            SslHandler tls = context.pipeline().get(SslHandler.class);
            if (ending || !context.channel().isActive() || tls == null) {
                context.close(promise);
                return;
            }
            ending = true;
            context.channel().closeFuture().addListener(_ -> promise.trySuccess());
            context.channel().config().setAutoRead(true);
            patience.in(LINGER_NANOS);
            tls.closeOutbound().addListener(written -> {
                if (written.isSuccess() && context.channel() instanceof DuplexChannel duplex) {
                    duplex.shutdownOutput();
                } else {
                    context.close();
                }
            });
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (ending) {
                ReferenceCountUtil.release(message);
            } else {
                context.fireChannelRead(message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (ending && event instanceof ChannelInputShutdownEvent) {
                context.close();
            } else {
                context.fireUserEventTriggered(event);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            patience.stop();
            context.fireChannelInactive();
        }
    }

    /** Ends a connection on which nothing happens. */
    private static final class Session extends ChannelInboundHandlerAdapter {
        private final long idleNanos;
        private final Deadline idle;
        private int streams;

        Session(Channel channel, HttpServerConfig config) {
            idleNanos = config.idleTimeout().toNanos();
            idle = new Deadline(channel.eventLoop(), channel::close);
            idle.in(config.headTimeout().toNanos());
        }

        void began(Channel stream) {
            streams++;
            idle.clear();
            stream.closeFuture().addListener(_ -> {
                streams--;
                if (streams == 0) {
                    idle.in(idleNanos);
                }
            });
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.writeAndFlush(new DefaultHttp2WindowUpdateFrame(CONNECTION_WINDOW_BYTES - STREAM_WINDOW_BYTES));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            ReferenceCountUtil.release(frame); // settings, pings: the codec has acknowledged them
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            idle.stop();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (!(cause instanceof IOException
                    || cause instanceof DecoderException
                    || cause instanceof Http2Exception)) {
                LOG.error("a connection failed", cause);
            }
            context.close();
        }
    }
}
