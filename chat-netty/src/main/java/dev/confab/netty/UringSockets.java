package dev.confab.netty;

import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import org.jspecify.annotations.Nullable;

/** The only code that refers to classes of io_uring, because they may be missing from the class path. Stateless. */
final class UringSockets {
    private UringSockets() {}

    /** @throws NoClassDefFoundError when the classes are missing */
    static @Nullable Throwable unavailabilityCause() {
        return IoUring.unavailabilityCause();
    }

    /** @throws NoClassDefFoundError when the classes are missing */
    static Sockets sockets() {
        return new Sockets(
                IoUringIoHandler.newFactory(),
                IoUringServerSocketChannel.class,
                IoUringChannelOption.TCP_USER_TIMEOUT,
                IoUringChannelOption.TCP_NOTSENT_LOWAT);
    }
}
