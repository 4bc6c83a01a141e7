package dev.confab.websocket;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Message;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.netty.Endpoint;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import dev.confab.netty.WsClient;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A node on a free port that serves WebSockets, with access to the channels for tests. */
final class WsServer implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** The longest silence before a read of a client fails. */
    private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(10);

    final ChatService chat;
    final WebSocketHandler handler;
    private final MessageStore store;
    private final MultiThreadIoEventLoopGroup loops;
    private final List<Channel> channels = new CopyOnWriteArrayList<>();
    private final Channel listener;

    WsServer() {
        this(WebSocketConfig.defaults());
    }

    WsServer(WebSocketConfig config) {
        this(config, new InMemoryMessageStore());
    }

    WsServer(WebSocketConfig config, MessageStore store) {
        this.store = store;
        this.chat = new ChatService(store, ChatConfig.defaults());
        this.handler = new WebSocketHandler(chat, config);
        this.loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        this.listener = listen(loops, 0, handler, channels);
    }

    static Channel listen(MultiThreadIoEventLoopGroup loops, int port, Endpoint endpoint, List<Channel> channels) {
        Routes routes = Routes.of(endpoint);
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_SNDBUF, 16 << 10)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        routes.addHttpTo(channel.pipeline());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), port)
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Connects a client that sends nothing yet. */
    WsClient connect() {
        return connect(port());
    }

    static WsClient connect(int port) {
        return new WsClient(new RawHttp(port, CLIENT_PATIENCE));
    }

    /** Connects a client and completes the handshake. */
    WsClient open(String query) {
        return connect().upgrade(query);
    }

    /** Works like {@link #open}, but for a client that will stop reading. */
    WsClient openSlow(String query) {
        return new WsClient(RawHttp.slow(port(), CLIENT_PATIENCE)).upgrade(query);
    }

    /** Connects a client, completes the handshake and reads {@code hello}. */
    WsClient greeted(String query) {
        return connect().greet(query);
    }

    Message publish(Room room, String body) {
        return chat.publish(Draft.of(room, body)).join().entry().message();
    }

    boolean hasChannels() {
        return !channels.isEmpty();
    }

    /** The channel of the latest connection. */
    Channel lastChannel() {
        return channels.get(channels.size() - 1);
    }

    /** The number of bytes in the channel that wait to be sent, read on the event loop. */
    static long pending(Channel channel) {
        return channel.eventLoop()
                .submit(() -> {
                    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
                    return buffer == null ? 0L : buffer.totalPendingWriteBytes();
                })
                .syncUninterruptibly()
                .getNow();
    }

    /** Returns once the loop of the last channel has run all tasks that it was given before. */
    void settle() {
        lastChannel().eventLoop().submit(() -> {}).syncUninterruptibly();
    }

    /** Returns when {@code condition} holds. The condition is checked after each turn of an event loop. */
    void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not in time: " + what);
            }
            loops.next().submit(() -> {}).syncUninterruptibly();
        }
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        channels.forEach(channel -> channel.close().syncUninterruptibly());
        chat.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        store.close();
    }
}
