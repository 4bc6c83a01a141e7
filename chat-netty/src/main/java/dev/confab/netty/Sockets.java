package dev.confab.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Netty's classes and options for an {@link IoTransport}.
 *
 * @param userTimeout the option for TCP's user timeout, in milliseconds; null where it cannot be set
 * @param maxUnsent the option for the number of unsent bytes that the kernel accepts; null where it cannot be set
 */
record Sockets(
        IoHandlerFactory handlers,
        Class<? extends ServerChannel> listener,
        @Nullable ChannelOption<Integer> userTimeout,
        @Nullable ChannelOption<Long> maxUnsent) {

    /** @throws IllegalArgumentException when the transport is not available here; the message has the reason */
    static Sockets of(IoTransport io) {
        io.unavailability().ifPresent(reason -> {
            throw new IllegalArgumentException("io: " + io + " is not available here: " + reason);
        });
        return switch (io) {
            case AUTO -> Epoll.isAvailable() ? epoll() : nio();
            case NIO -> nio();
            case EPOLL -> epoll();
            case IO_URING -> UringSockets.sockets();
        };
    }

    private static Sockets epoll() {
        return new Sockets(
                EpollIoHandler.newFactory(),
                EpollServerSocketChannel.class,
                EpollChannelOption.TCP_USER_TIMEOUT,
                EpollChannelOption.TCP_NOTSENT_LOWAT);
    }

    private static Sockets nio() {
        return new Sockets(NioIoHandler.newFactory(), NioServerSocketChannel.class, null, null);
    }
}
