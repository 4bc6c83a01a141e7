package dev.confab.example;

import dev.confab.netty.Routes;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A Netty server of an application, with the chat under a prefix beside paths of its own. */
final class OwnServer implements AutoCloseable {
    private static final Duration DRAIN = Duration.ofSeconds(20);
    private static final Duration LAST_RESPONSES = Duration.ofSeconds(3);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Routes chat;
    private final Channel listener;

    /**
     * @param chat such as {@code Routes.of(…).under("/chat")}; all connections share this object
     * @param otherPaths creates the handler of a connection for the paths outside of the prefix
     */
    OwnServer(InetSocketAddress address, SslContext tls, Routes chat, Supplier<ChannelHandler> otherPaths) {
        this.chat = chat;
        listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        ChannelPipeline pipeline = channel.pipeline();
                        pipeline.addLast(tls.newHandler(channel.alloc()));
                        pipeline.addLast(new HttpServerCodec());
                        chat.addTo(pipeline); // adds its handlers to the end of the pipeline
                        pipeline.addLast(otherPaths.get());
                    }
                })
                .bind(address)
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Drains the chat. The caller then closes the service, the store and the pool, in this order. */
    @Override
    public void close() {
        chat.announceDrain(); // from now on, /health responds with 503; a load balancer may need time to notice
        listener.close().syncUninterruptibly();
        chat.drain(DRAIN) // ends the polls, the streams and the WebSockets
                .toCompletableFuture()
                .completeOnTimeout(null, DRAIN.toSeconds(), TimeUnit.SECONDS)
                .join();
        // A connection closes after its last response, such as that of a publish. Idle connections stay open.
        connections.newCloseFuture().awaitUninterruptibly(LAST_RESPONSES.toMillis());
        connections.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
