package dev.confab.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/** A descriptor on an epoll event loop. As soon as it is ready, the loop fails with an OutOfMemoryError. */
public final class PlantedFailure implements EpollIoHandle {
    private final FileDescriptor fd = Native.newEventFd();

    private PlantedFailure() {}

    /** Makes {@code loop} fail shortly after the call. */
    public static void in(EventLoop loop) throws Exception {
        ((IoEventLoop) loop).register(new PlantedFailure()).get().submit(EpollIoOps.EPOLLOUT);
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        throw new OutOfMemoryError("planted");
    }

    @Override
    public void close() throws IOException {
        fd.close();
    }
}
