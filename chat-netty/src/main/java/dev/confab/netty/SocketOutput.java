package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Writes directly to a socket, past the pipeline and the outbound buffer. Usually the socket has room, and a write
 * costs hardly more than the system call. The caller writes the bytes that the socket does not take through the
 * pipeline. Confined to the event loop.
 */
class SocketOutput {
    final Socket socket;
    private final ChannelOutboundBuffer pending;

    SocketOutput(Socket socket, ChannelOutboundBuffer pending) {
        this.socket = socket;
        this.pending = pending;
    }

    /**
     * @param outermost the handler that writes, or an earlier handler that passes on the written bytes unchanged
     * @return null when this handler is not the channel's outermost handler, not counting the server's own TLS, or the
     *     channel is not an open epoll socket
     */
    static @Nullable SocketOutput of(Channel channel, ChannelHandler outermost) {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        if (pending == null
                || !(channel instanceof EpollSocketChannel epoll)
                || !(epoll.fd() instanceof Socket socket)) {
            return null;
        }
        ChannelHandler first = channel.pipeline().first();
        if (first == outermost) {
            return new SocketOutput(socket, pending);
        }
        Iterator<ChannelHandler> handlers = channel.pipeline().toMap().values().iterator();
        ChannelHandler next = handlers.next();
        if (next instanceof OutputGauge && handlers.hasNext()) {
            next = handlers.next();
        }
        if (next == outermost) {
            return new SocketOutput(socket, pending);
        }
        boolean isTls = next instanceof SslHandler
                && handlers.hasNext()
                && handlers.next() instanceof TlsConnection
                && handlers.hasNext()
                && handlers.next() == outermost;
        return isTls ? TlsOutput.of(channel, socket, pending) : null;
    }

    /** Returns whether no bytes wait to be written and the socket is open. */
    boolean isFree() {
        return pending.totalPendingWriteBytes() == 0 && socket.isOpen();
    }

    /**
     * Writes as many bytes as the socket takes at once. Does not change the indices of {@code bytes}.
     *
     * @param bytes a direct buffer in one piece
     * @return the number of bytes written; 0 when earlier bytes are still waiting, or when the socket failed: the write
     *     through the pipeline then reports the failure
     */
    final int write(ByteBuf bytes) {
        return isFree() && bytes.hasMemoryAddress() ? send(bytes) : 0;
    }

    /** Like {@link #write}, for an output that {@linkplain #isFree is free}. */
    int send(ByteBuf bytes) {
        try {
            return Math.max(0, socket.sendAddress(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex()));
        } catch (IOException e) {
            return 0;
        }
    }
}
