package dev.confab.netty;

import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import org.jspecify.annotations.Nullable;

/** All that names classes of io_uring, which need not be there. Stateless. */
final class UringSockets {
    private UringSockets() {}

    /** @throws NoClassDefFoundError when its classes are not there */
    static @Nullable Throwable unavailabilityCause() {
        return IoUring.unavailabilityCause();
    }

    /** @throws NoClassDefFoundError when its classes are not there */
    static Sockets sockets() {
        return new Sockets(
                IoUringIoHandler.newFactory(),
                IoUringServerSocketChannel.class,
                IoUringChannelOption.TCP_USER_TIMEOUT,
                IoUringChannelOption.TCP_NOTSENT_LOWAT);
    }
}
