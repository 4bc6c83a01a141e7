package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Writes directly to a socket, past the pipeline and the outbound buffer. Usually the socket has room, and a write
 * costs hardly more than the system call. The caller writes the bytes that the socket does not take through the
 * pipeline. Confined to the event loop.
 */
final class SocketOutput {
    private final Socket socket;
    private final ChannelOutboundBuffer pending;

    private SocketOutput(Socket socket, ChannelOutboundBuffer pending) {
        this.socket = socket;
        this.pending = pending;
    }

    /**
     * @param outermost the handler that writes, or an earlier handler that passes on the written bytes unchanged
     * @return null when this handler is not the channel's outermost handler, for example because of TLS, or the channel
     *     is not an open epoll socket
     */
    static @Nullable SocketOutput of(Channel channel, ChannelHandler outermost) {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return OutputGauge.isFirst(channel.pipeline(), outermost)
                        && pending != null
                        && channel instanceof EpollSocketChannel epoll
                        && epoll.fd() instanceof Socket socket
                ? new SocketOutput(socket, pending)
                : null;
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
    int write(ByteBuf bytes) {
        return isFree() && bytes.hasMemoryAddress()
                ? send(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex())
                : 0;
    }

    /** Like {@link #write}, for an output that {@linkplain #isFree is free}. */
    int send(long address, int start, int end) {
        try {
            return Math.max(0, socket.sendAddress(address, start, end));
        } catch (IOException e) {
            return 0;
        }
    }
}
