package dev.confab.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ready-made server for {@link Routes}. The routes can also be mounted in a server of your own. Safe for any thread.
 *
 * <pre>{@code
 * Routes routes = Routes.of(new PublishHandler(chat), new HealthHandler(chat));
 * try (ChatServer server = ChatServer.start(ChatServerConfig.defaults(), routes)) {
 *     System.out.println("Listening on port " + server.port());
 *     …
 * }
 * }</pre>
 */
public final class ChatServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChatServer.class);

    /** The length of the accept queue. A burst of clients that all reconnect at once must not find the queue full. */
    private static final int BACKLOG = 4096;

    /**
     * The number of connections that the loop accepts before it does other work. The limit is high so that, when many
     * clients connect at once, the last client does not have to wait.
     */
    private static final int ACCEPTED_PER_READ = 256;

    /**
     * The longest wait for the listener to close. A listener whose event loop is dead never reports that it is closed.
     */
    private static final long LISTENER_MILLIS = 1_000;

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 << 10, 32 << 10);

    private final ChatServerConfig config;
    private final Routes routes;
    private final Connections connections;
    private final Budgets budgets;
    private final EventLoops loops;
    private final Channel listener;
    private final @Nullable Channel tlsListener;
    private final @Nullable TlsContext tls;
    private final AtomicBoolean closing = new AtomicBoolean();

    private ChatServer(
            ChatServerConfig config,
            Routes routes,
            Connections connections,
            Budgets budgets,
            EventLoops loops,
            Channel listener,
            @Nullable Channel tlsListener,
            @Nullable TlsContext tls) {
        this.config = config;
        this.routes = routes;
        this.connections = connections;
        this.budgets = budgets;
        this.loops = loops;
        this.listener = listener;
        this.tlsListener = tlsListener;
        this.tls = tls;
    }

    /**
     * Starts a server. When this method returns, connections are accepted, and one line at the level INFO names the
     * address and the store.
     *
     * @throws IllegalArgumentException when {@link ChatServerConfig#io} is not available here, or the files of
     *     {@link ChatServerConfig#tls} cannot be used; the message names the reason
     * @throws IllegalStateException when the class path has a version of Netty before 4.2.18
     * @throws UncheckedIOException when the server cannot listen on the address; the message names the reason
     */
    public static ChatServer start(ChatServerConfig config, Routes routes) {
        NettyVersion.check();
        Sockets sockets = Sockets.of(config.io());
        TlsConfig tlsConfig = config.tls();
        TlsContext tls = tlsConfig == null ? null : TlsContext.open(tlsConfig);
        EventLoops loops = new EventLoops(config.eventLoops(), sockets.handlers());
        Events events = new Events(config.listener());
        Connections connections = new Connections(config.maxConnections(), events);
        Budgets budgets = Budgets.of(config, events);
        ServerBootstrap bootstrap = bootstrap(loops, sockets.listener());
        bound(bootstrap, sockets, config);
        if (sockets.userTimeout() != null) {
            // Pings detect a dead network for WebSocket only: clients do not respond to an event stream's heartbeats.
            bootstrap.childOption(sockets.userTimeout(), (int)
                    Math.min(Integer.MAX_VALUE, config.deadAfter().toMillis()));
        }
        Listening listening = new Listening(bootstrap, config.host(), loops.count(), connections, budgets);
        try {
            Routes plain = routes;
            Channel tlsListener = null;
            if (tls != null) {
                Routes secure = routes.secure();
                tlsListener = listening.on(tls.port(), channel -> TlsConnection.addTo(channel, tls, secure));
                plain = tls.plain(routes, port(tlsListener));
            }
            Routes served = plain;
            Channel listener = listening.on(config.port(), channel -> served.addHttpTo(channel.pipeline()));
            ChatServer server = new ChatServer(config, routes, connections, budgets, loops, listener, tlsListener, tls);
            String store = routes.store();
            LOG.info(
                    "Listening on port {} of {}{}{}",
                    server.port(),
                    config.host(),
                    tlsListener == null ? "" : ", with TLS on port " + port(tlsListener),
                    store.isEmpty() ? "" : ", log in " + store);
            return server;
        } catch (RuntimeException e) {
            loops.shutDown();
            if (tls != null) {
                tls.close();
            }
            throw e;
        }
    }

    /** The address on which the server listens, without TLS. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    public int port() {
        return port(listener);
    }

    /**
     * The port for TLS.
     *
     * @throws IllegalStateException when the server has none
     */
    public int tlsPort() {
        if (tlsListener == null) {
            throw new IllegalStateException("The server has no port for TLS");
        }
        return port(tlsListener);
    }

    private static int port(Channel listener) {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Returns the state of the server at this moment. */
    public ServerStats stats() {
        return new ServerStats(
                connections.size(), budgets.input().used(), budgets.output().used());
    }

    /**
     * Completes with the cause when an event loop ends by a failure, such as an {@link OutOfMemoryError}. From then on
     * some connections are no longer served, and perhaps no new ones are accepted, so the process should end. Dependent
     * actions run on the thread of that event loop. Never completes without a failure; {@link #close} does not complete
     * it either.
     */
    public CompletionStage<Throwable> failure() {
        return loops.failure().minimalCompletionStage();
    }

    /**
     * Shuts down in this order:
     *
     * <ol>
     *   <li>Announces the shutdown, and continues to serve for the drain delay.
     *   <li>Stops accepting connections.
     *   <li>Lets the endpoints end parked requests and streams, and lets each connection respond to its pending
     *       requests.
     *   <li>After the drain timeout, cuts the remaining connections.
     * </ol>
     *
     * <p>Blocks until the shutdown is complete: at most 5 s longer than drain delay and drain timeout together, even
     * when an event loop is dead or hangs. A second call returns at once.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            routes.announceDrain();
            TimeUnit.MILLISECONDS.sleep(config.drainDelay().toMillis());
            close(listener);
            if (tlsListener != null) {
                close(tlsListener);
            }
            drain(config.drainTimeout());
        } catch (InterruptedException e) {
            LOG.warn("Interrupted while draining: closing the remaining connections");
            Thread.currentThread().interrupt();
        } finally {
            loops.shutDown();
            if (tls != null) {
                tls.close();
            }
        }
    }

    private static void close(Channel listener) throws InterruptedException {
        if (!listener.close().await(LISTENER_MILLIS)) {
            LOG.warn("The listener did not close within {} ms", LISTENER_MILLIS);
        }
    }

    private void drain(Duration time) throws InterruptedException {
        CompletableFuture<Void> ended = routes.drain(time).toCompletableFuture();
        CompletableFuture<Void> closed = connections.drain();
        try {
            CompletableFuture.allOf(ended.exceptionally(this::log), closed).get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("Not drained after {}: closing the remaining connections", time);
        }
    }

    @SuppressWarnings("NullAway") // a CompletableFuture<Void> has no other value
    private Void log(Throwable failure) {
        LOG.error("An endpoint could not drain", failure);
        return null;
    }

    /**
     * Bounds the kernel's buffers for a client, so that they do not grow with the data that the client leaves unread.
     */
    private static void bound(ServerBootstrap bootstrap, Sockets sockets, ChatServerConfig config) {
        if (config.receiveBuffer() > 0) {
            bootstrap.option(ChannelOption.SO_RCVBUF, config.receiveBuffer());
        }
        if (sockets.maxUnsent() != null) {
            bootstrap.childOption(sockets.maxUnsent(), (long) config.maxUnsent());
        } else {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, config.maxUnsent());
        }
    }

    /**
     * Returns an allocator with which the loop accepts many connections in a row. With epoll, Netty's default mistakes
     * the file descriptor of an accepted connection for a number of bytes, and concludes that there is nothing more to
     * read. The loop would then accept only one connection each time it polls its sockets.
     */
    private static RecvByteBufAllocator acceptAllocator() {
        return new ServerChannelRecvByteBufAllocator()
                .respectMaybeMoreData(false)
                .maxMessagesPerRead(ACCEPTED_PER_READ);
    }

    private static ServerBootstrap bootstrap(EventLoops loops, Class<? extends ServerChannel> type) {
        return new ServerBootstrap()
                .group(loops.acceptor(), loops.workers())
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, acceptAllocator())
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
    }

    /**
     * The parts that the ports of a server share.
     *
     * @param bootstrap has all options
     * @param workers the number of event loops that serve connections
     */
    private record Listening(
            ServerBootstrap bootstrap, String host, int workers, Connections connections, Budgets budgets) {
        /**
         * Listens on a port.
         *
         * @param protocol adds the handlers of the protocol to an accepted connection
         */
        Channel on(int port, Consumer<Channel> protocol) {
            InetSocketAddress address = new InetSocketAddress(host, port);
            ChannelFuture bound = bootstrap
                    .clone()
                    .handler(new Acceptor(LogRate.everyMinute(), workers))
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            if (connections.add(channel)) {
                                channel.attr(Budgets.KEY).set(budgets);
                                channel.pipeline().addLast(new OutputGauge(channel, budgets.output()));
                                protocol.accept(channel);
                            } else {
                                channel.close();
                            }
                        }
                    })
                    .bind(address)
                    .awaitUninterruptibly();
            if (!bound.isSuccess()) {
                throw BindFailure.of(address, bound.cause());
            }
            return bound.channel();
        }
    }
}
