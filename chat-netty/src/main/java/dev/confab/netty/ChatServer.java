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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server for {@link Routes}, ready-made: what is served can as well be mounted in a server of your own. Safe for any thread.
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

    /** A burst of clients that all come back at once must not find the queue full. */
    private static final int BACKLOG = 4096;

    /** Connections that are accepted before their loop does something else: a crowd must not keep the last one waiting. */
    private static final int ACCEPTED_PER_READ = 256;

    /** A listener whose event loop is dead never tells that it is closed. */
    private static final long LISTENER_MILLIS = 1_000;

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 << 10, 32 << 10);

    private final ChatServerConfig config;
    private final Routes routes;
    private final Connections connections;
    private final EventLoops loops;
    private final Channel listener;
    private final AtomicBoolean closing = new AtomicBoolean();

    private ChatServer(
            ChatServerConfig config, Routes routes, Connections connections, EventLoops loops, Channel listener) {
        this.config = config;
        this.routes = routes;
        this.connections = connections;
        this.loops = loops;
        this.listener = listener;
    }

    /**
     * Starts to serve. When this returns, connections are accepted.
     *
     * @throws IllegalArgumentException when {@link ChatServerConfig#io} is not to be had here, with the reason
     * @throws UncheckedIOException when it cannot listen on the address; the message names the reason
     */
    public static ChatServer start(ChatServerConfig config, Routes routes) {
        Sockets sockets = Sockets.of(config.io());
        EventLoops loops = new EventLoops(config.eventLoops(), sockets.handlers());
        Connections connections = new Connections(config.maxConnections());
        ServerBootstrap bootstrap = bootstrap(loops, sockets.listener(), connections, routes, Budgets.of(config));
        bound(bootstrap, sockets, config);
        if (sockets.userTimeout() != null) {
            // Pings notice a dead network for WebSocket only; an event stream's heartbeats go unacknowledged.
            bootstrap.childOption(sockets.userTimeout(), (int)
                    Math.min(Integer.MAX_VALUE, config.deadAfter().toMillis()));
        }
        InetSocketAddress address = new InetSocketAddress(config.host(), config.port());
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutDown();
            throw BindFailure.of(address, bound.cause());
        }
        return new ChatServer(config, routes, connections, loops, bound.channel());
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    public int port() {
        return address().getPort();
    }

    /**
     * Completes with the cause when an event loop ends by a failure, such as an {@link OutOfMemoryError}. From then on a part of
     * the connections is not served any more, and none may be accepted, so the process should end. Dependent actions run on
     * the thread of that event loop. Never completes when all is well, also not by {@link #close}.
     */
    public CompletionStage<Throwable> failure() {
        return loops.failure().minimalCompletionStage();
    }

    /**
     * Goes down in order: says so and serves on for the drain delay; accepts no more connections; lets the endpoints end what is
     * parked or streaming, and each connection answer what it was asked; after the drain timeout cuts what is left. Blocks
     * meanwhile, for at most 5 s longer than drain delay and drain timeout, even when an event loop is dead or hangs. A second
     * call returns at once.
     */
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        try {
            routes.announceDrain();
            TimeUnit.MILLISECONDS.sleep(config.drainDelay().toMillis());
            if (!listener.close().await(LISTENER_MILLIS)) {
                LOG.warn("The listener did not close within {} ms", LISTENER_MILLIS);
            }
            drain(config.drainTimeout());
        } catch (InterruptedException e) {
            LOG.warn("Interrupted while draining: cutting the connections that are left");
            Thread.currentThread().interrupt();
        } finally {
            loops.shutDown();
        }
    }

    private void drain(Duration time) throws InterruptedException {
        CompletableFuture<Void> ended = routes.drain(time).toCompletableFuture();
        CompletableFuture<Void> closed = connections.drain();
        try {
            CompletableFuture.allOf(ended.exceptionally(this::log), closed).get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("Not drained after {}: cutting the connections that are left", time);
        }
    }

    @SuppressWarnings("NullAway") // a CompletableFuture<Void> has no other value
    private Void log(Throwable failure) {
        LOG.error("An endpoint could not drain", failure);
        return null;
    }

    /** What the kernel keeps for a client does not grow with what the client leaves unread. */
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
     * With epoll, Netty's default takes the descriptor of the accepted connection for a number of bytes, and finds nothing more to
     * read: the loop accepts one connection each time it polls its sockets.
     */
    private static RecvByteBufAllocator acceptAllocator() {
        return new ServerChannelRecvByteBufAllocator()
                .respectMaybeMoreData(false)
                .maxMessagesPerRead(ACCEPTED_PER_READ);
    }

    private static ServerBootstrap bootstrap(
            EventLoops loops,
            Class<? extends ServerChannel> type,
            Connections connections,
            Routes routes,
            Budgets budgets) {
        return new ServerBootstrap()
                .group(loops.acceptor(), loops.workers())
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, acceptAllocator())
                .handler(new Acceptor(LogRate.everyMinute()))
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (connections.add(channel)) {
                            channel.attr(Budgets.KEY).set(budgets);
                            channel.pipeline().addLast(new OutputGauge(channel, budgets.output()));
                            routes.addHttpTo(channel.pipeline());
                        } else {
                            channel.close();
                        }
                    }
                });
    }
}
