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
 * The way past pipeline and outbound buffer to a socket that has room, which is the rule: the system call and hardly
 * anything else. What the socket does not take goes the long way. Confined to the event loop.
 */
final class SocketOutput {
    private final Socket socket;
    private final ChannelOutboundBuffer pending;

    private SocketOutput(Socket socket, ChannelOutboundBuffer pending) {
        this.socket = socket;
        this.pending = pending;
    }

    /**
     * @param outermost the handler that writes, or one before it that lets pass what it writes
     * @return null when it is not the channel's outermost, because of TLS perhaps, or the channel is no open epoll socket
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

    /** Whether nothing waits to be written, and the socket is open. */
    boolean isFree() {
        return pending.totalPendingWriteBytes() == 0 && socket.isOpen();
    }

    /**
     * Writes what the socket takes at once, and leaves {@code bytes} as they are.
     *
     * @param bytes direct, in one piece
     * @return how many were written; 0 when others wait before them, and when the socket failed, which the long way will notice
     */
    int write(ByteBuf bytes) {
        return isFree() && bytes.hasMemoryAddress()
                ? send(bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex())
                : 0;
    }

    /** The same for one that {@linkplain #isFree is free}. */
    int send(long address, int start, int end) {
        try {
            return Math.max(0, socket.sendAddress(address, start, end));
        } catch (IOException e) {
            return 0;
        }
    }
}
