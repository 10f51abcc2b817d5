package jarrah.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Listens on one port and gives each request to a {@link LoopHandler}, if there is one, and else to a {@link Handler}. */
public final class HttpServer implements AutoCloseable {
    /** How long {@link #close()} waits for exchanges that run. */
    public static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private static final int BACKLOG = 4096;

    private final HttpServerConfig config;
    private final Handler handler;
    private final @Nullable LoopHandler loopHandler;
    private final Transport transport;
    private final byte[] serverLine;
    private final EventLoopGroup loops;
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();

    /** Those of HTTP/2, whose streams are in {@link #connections}. */
    private final Set<Channel> multiplexed = ConcurrentHashMap.newKeySet();

    private final AtomicInteger open = new AtomicInteger();
    private final Map<InetAddress, Integer> openByClient = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition oneClosed = lock.newCondition();
    private @Nullable Channel listener;
    /** User id of who may connect to a unix socket besides root; -1 before the socket is known to be ours. */
    private volatile int owner = -1;

    private volatile boolean stopping;

    private HttpServer(
            HttpServerConfig config, Handler handler, @Nullable LoopHandler loopHandler, Transport transport) {
        this.config = config;
        this.transport = transport;
        this.handler = handler;
        this.loopHandler = loopHandler;
        String name = config.serverName();
        serverLine = (name.isEmpty() ? "" : "Server: " + name + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        int threads = config.eventLoops() > 0
                ? config.eventLoops()
                : Runtime.getRuntime().availableProcessors();
        loops = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("http", true), SteadyEpoll.factory());
    }

    /**
     * Starts to listen.
     *
     * @param loopHandler has the first try at requests without a body; null if every request goes to the handler
     * @throws IOException if the address cannot be listened on
     */
    public static HttpServer start(HttpServerConfig config, Handler handler, @Nullable LoopHandler loopHandler)
            throws IOException {
        return startIn(Runnable::run, config, handler, loopHandler);
    }

    /**
     * Starts to listen behind a transport of its own.
     *
     * @throws IOException if the address cannot be listened on
     */
    public static HttpServer start(
            HttpServerConfig config, Transport transport, Handler handler, @Nullable LoopHandler loopHandler)
            throws IOException {
        return begun(Runnable::run, new HttpServer(config, handler, loopHandler, transport));
    }

    /**
     * Starts to listen with a socket that is made elsewhere: a socket belongs to the network namespace of the thread that
     * made it, whoever uses it later.
     *
     * @param place runs the making of the socket, and nothing else of this server, before it returns; starts no thread of
     *     ours
     */
    public static HttpServer startIn(
            Executor place, HttpServerConfig config, Handler handler, @Nullable LoopHandler loopHandler)
            throws IOException {
        return begun(place, new HttpServer(config, handler, loopHandler, Transport.PLAIN));
    }

    private static HttpServer begun(Executor place, HttpServer server) throws IOException {
        try {
            server.listen(place);
            return server;
        } catch (IOException | RuntimeException e) {
            server.loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /**
     * Starts to listen on a unix socket of mode 0600, for processes of the same user and of root; the address and port of
     * the configuration do not count.
     *
     * @param socket made anew; what lies there is removed
     * @throws IOException if the socket cannot be made
     */
    public static HttpServer startUnix(Path socket, HttpServerConfig config, Handler handler) throws IOException {
        var server = new HttpServer(config, handler, null, Transport.PLAIN);
        try {
            Files.deleteIfExists(socket);
            server.bind(
                    new ServerBootstrap().channel(EpollServerDomainSocketChannel.class),
                    new DomainSocketAddress(socket.toString()));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            server.owner = (Integer) Files.getAttribute(socket, "unix:uid");
            return server;
        } catch (IOException | RuntimeException e) {
            server.loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    private void listen(Executor place) throws IOException {
        var tcp = new ServerBootstrap()
                .channelFactory(() -> madeIn(place))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true);
        bind(tcp, new InetSocketAddress(config.host(), config.port()));
    }

    private static EpollServerSocketChannel madeIn(Executor place) {
        DefaultChannelId.newInstance(); // looks at the network interfaces once: those of this thread, not of the place
        var made = new AtomicReference<EpollServerSocketChannel>();
        place.execute(() -> made.set(new EpollServerSocketChannel()));
        return java.util.Objects.requireNonNull(made.get(), "the place made no socket");
    }

    private void bind(ServerBootstrap bootstrap, SocketAddress address) throws IOException {
        var bound = bootstrap
                .group(loops)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 * 1024, 128 * 1024))
                .childOption(ChannelOption.WRITE_SPIN_COUNT, 8) // at most 8 MiB of a file in one turn
                .childHandler(new Starter())
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + address, bound.cause());
        }
        listener = bound.channel();
    }

    /** The port, chosen by the system if the configuration said 0. */
    public int port() {
        return ((InetSocketAddress) java.util.Objects.requireNonNull(listener).localAddress()).getPort();
    }

    /** How many connections are open; of those of HTTP/2, how many streams. */
    public int openConnections() {
        return connections.size();
    }

    HttpServerConfig config() {
        return config;
    }

    Handler handler() {
        return handler;
    }

    @Nullable
    LoopHandler loopHandler() {
        return loopHandler;
    }

    byte[] serverLine() {
        return serverLine;
    }

    boolean isSecure() {
        return transport.tls().isPresent();
    }

    boolean stopping() {
        return stopping;
    }

    /** Counts a connection against the limits and starts it; runs on its loop. */
    private final class Starter extends ChannelInitializer<Channel> {
        private final FastThreadLocal<LoopScratch> scratch = new FastThreadLocal<>() {
            @Override
            protected LoopScratch initialValue() {
                return new LoopScratch();
            }
        };

        @Override
        protected void initChannel(Channel channel) throws IOException {
            InetSocketAddress peer = internet(channel.remoteAddress());
            boolean stranger = channel instanceof EpollDomainSocketChannel local && !isOwn(local);
            var place = new Place(channel);
            if (stopping || stranger || !place.take()) {
                channel.close();
                return;
            }
            if (transport.balancers().test(peer.getAddress())) {
                ProxyHeader.await(
                        channel,
                        config.headTimeout(),
                        (client, asked) -> start(
                                channel,
                                place,
                                client == null ? peer : client,
                                asked == null ? local(channel) : asked));
            } else {
                start(channel, place, peer, local(channel));
            }
        }

        private void start(Channel channel, Place place, InetSocketAddress client, InetSocketAddress local) {
            if (stopping || !place.takeFor(client.getAddress())) {
                channel.close();
                return;
            }
            Consumer<Channel> http1 = it -> connect(it, client, local);
            Tls tls = transport.tls().orElse(null);
            if (tls == null) {
                http1.accept(channel);
                return;
            }
            channel.pipeline().addLast(tls.handler());
            if (tls.http2()) {
                channel.pipeline().addLast(new Http2.Negotiation(it -> secure(it, http1), it -> {
                    multiplexed.add(it);
                    it.closeFuture().addListener(_ -> multiplexed.remove(it));
                    Http2.serve(it, config, http1);
                }));
            } else {
                secure(channel, http1);
            }
        }

        private void secure(Channel channel, Consumer<Channel> http1) {
            channel.pipeline().addLast(new Tls.FileReader());
            http1.accept(channel);
        }

        /** A connection of HTTP/1.1, or what looks like one: a stream of HTTP/2. */
        private void connect(Channel channel, InetSocketAddress client, InetSocketAddress local) {
            var connection = new ServerConnection(HttpServer.this, channel, client, local, scratch.get());
            connections.add(connection);
            channel.pipeline().addLast(connection);
        }
    }

    private static InetSocketAddress local(Channel channel) {
        return internet(channel.localAddress());
    }

    /** A unix socket's peer is on this machine and has no port. */
    private static InetSocketAddress internet(SocketAddress address) {
        return address instanceof InetSocketAddress tcp
                ? tcp
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private boolean isOwn(EpollDomainSocketChannel channel) throws IOException {
        int uid = channel.peerCredentials().uid();
        return uid == 0 || uid == owner;
    }

    /**
     * What a connection counts against the limits. Given back before a refused connection is closed: a client that
     * sees the close must find the place free. Used by the connection's loop alone.
     */
    private final class Place implements ChannelFutureListener {
        private final Channel channel;
        private @Nullable InetAddress client;
        private boolean held;

        Place(Channel channel) {
            this.channel = channel;
        }

        boolean take() {
            held = true;
            if (open.incrementAndGet() > config.maxConnections()) {
                giveBack();
                return false;
            }
            channel.closeFuture().addListener(this);
            return true;
        }

        boolean takeFor(InetAddress address) {
            client = address;
            if (openByClient.merge(address, 1, Integer::sum) > config.maxConnectionsPerClient()) {
                giveBack();
                return false;
            }
            return true;
        }

        private void giveBack() {
            if (!held) {
                return;
            }
            held = false;
            open.decrementAndGet();
            if (client != null) {
                openByClient.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
            }
        }

        @Override
        public void operationComplete(ChannelFuture closed) {
            giveBack();
        }
    }

    void closed(ServerConnection connection) {
        connections.remove(connection);
        lock.lock();
        try {
            oneClosed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #close(Duration)} with {@link #CLOSE_PATIENCE}. */
    @Override
    public void close() {
        close(CLOSE_PATIENCE);
    }

    /**
     * Stops: no new connections; idle ones are closed; exchanges that run may end, for that long, and are then cut.
     * Harmless when called again.
     */
    public void close(Duration patience) {
        stopping = true;
        if (listener != null) {
            listener.close().awaitUninterruptibly();
        }
        for (ServerConnection connection : connections) {
            connection.execute(connection::stop);
        }
        multiplexed.forEach(Channel::close); // takes no new streams, and ends when there is none
        awaitNoConnections(patience.toNanos());
        for (ServerConnection connection : connections) {
            connection.execute(connection::cut);
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private void awaitNoConnections(long patienceNanos) {
        long left = patienceNanos;
        lock.lock();
        try {
            while (!connections.isEmpty() && left > 0) {
                left = oneClosed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
