package dev.confab.demo.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** The event loops of the client: several for readers, and one for publishing. */
final class Loops implements AutoCloseable {
    private static final int MAX_READING = 8;
    private static final int CONNECT_MILLIS = 10_000;

    private final EventLoopGroup group;
    private final List<EventLoop> reading = new ArrayList<>();
    private final EventLoop publishing;
    private final List<Long> threads = new ArrayList<>();
    private final Class<? extends Channel> type;

    Loops() {
        int readers = Math.max(1, Math.min(MAX_READING, Runtime.getRuntime().availableProcessors() / 2));
        boolean epoll = Epoll.isAvailable();
        type = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        group = new MultiThreadIoEventLoopGroup(
                readers + 1,
                new DefaultThreadFactory("bench-io", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        for (EventExecutor executor : group) {
            reading.add((EventLoop) executor);
            threads.add(
                    CompletableFuture.supplyAsync(() -> Thread.currentThread().getId(), executor)
                            .join());
        }
        publishing = reading.remove(readers);
    }

    List<EventLoop> reading() {
        return reading;
    }

    EventLoop publishing() {
        return publishing;
    }

    /**
     * Connects to a server. If that fails, the result completes with a {@link BenchException} that tells the reason.
     */
    CompletableFuture<Channel> connect(EventLoop loop, Address server, ChannelHandler handler) {
        CompletableFuture<Channel> connected = new CompletableFuture<>();
        new Bootstrap()
                .group(loop)
                .channel(type)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(server.isSecure() ? new Secure(handler) : handler)
                .connect(server.host(), server.port())
                .addListener((io.netty.channel.ChannelFutureListener) done -> {
                    if (done.isSuccess()) {
                        connected.complete(done.channel());
                    } else {
                        connected.completeExceptionally(new BenchException(reason(done.cause())));
                    }
                });
        return connected;
    }

    /**
     * Adds TLS before a handler. The certificate of the server is not checked, because servers under test have
     * certificates that nobody else trusts.
     */
    private static final class Secure extends ChannelInitializer<Channel> {
        private static final SslContext CONTEXT = context();

        private final ChannelHandler handler;

        Secure(ChannelHandler handler) {
            this.handler = handler;
        }

        private static SslContext context() {
            try {
                return SslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .build();
            } catch (SSLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(CONTEXT.newHandler(channel.alloc()), handler);
        }
    }

    static String reason(Throwable failure) {
        Throwable cause = failure.getCause() instanceof BenchException known ? known : failure;
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return message.contains("Too many open files") ? message + " (raise the limit: ulimit -n)" : message;
    }

    /** Returns the processor time of each thread in nanoseconds, or -1 where it is unknown. */
    long[] cpu() {
        ThreadMXBean beans = ManagementFactory.getThreadMXBean();
        return threads.stream()
                .mapToLong(id -> beans.isThreadCpuTimeSupported() ? beans.getThreadCpuTime(id) : -1)
                .toArray();
    }

    /** Closes all connections and ends the threads; their results may be read from any thread afterwards. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
