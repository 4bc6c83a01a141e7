package dev.confab.sse;

import dev.confab.core.Attendance;
import dev.confab.core.Batch;
import dev.confab.core.Gap;
import dev.confab.core.Nick;
import dev.confab.netty.Reader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** One client's event stream, after its head was sent. Confined to the channel's event loop. */
final class Stream extends Reader {
    private final boolean chunked;
    private final @Nullable Attendance attendance;
    private @Nullable ChannelHandlerContext context;

    /**
     * @param chunked whether the body is chunked; otherwise it ends with the connection
     * @param attendance the client's part in its rooms, or null when it has no nick
     */
    Stream(Channel channel, @Nullable Nick nick, boolean chunked, @Nullable Attendance attendance) {
        super(channel, nick);
        this.chunked = chunked;
        this.attendance = attendance;
    }

    /** The stream is over. It has no goodbye: whoever closed it, the client may be back soon. */
    void dropOut() {
        if (attendance != null) {
            attendance.drop();
        }
    }

    /** Before it joins. */
    void writeTo(ChannelHandlerContext pipeline) {
        context = pipeline;
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        send(encoded);
    }

    @Override
    protected @Nullable ChannelHandler writer() {
        return chunked ? pipeline().handler() : null;
    }

    @Override
    protected void gap(Gap gap) {
        send(EventEncoder.gap(gap, channel().alloc()));
    }

    /** Not to one that takes nothing: a byte more in its queue would look as if it had. */
    @Override
    protected void keepAlive() {
        if (channel().isWritable()) {
            send(EventEncoder.heartbeat());
        }
    }

    /** Ends it in order: the client comes back after {@code retryMillis}. */
    void end(int retryMillis) {
        leave();
        ByteBuf last = EventEncoder.farewell(retryMillis, channel().alloc());
        if (chunked) {
            EventEncoder.endOfBody(last);
        } else {
            EventEncoder.unwrap(last);
        }
        pipeline().writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    private void send(ByteBuf chunk) {
        // A void promise: a failed write shows as an exception in the pipeline, and costs nothing when it works.
        pipeline()
                .writeAndFlush(
                        chunked ? chunk : EventEncoder.unwrap(chunk), pipeline().voidPromise());
    }

    private ChannelHandlerContext pipeline() {
        ChannelHandlerContext known = context;
        if (known == null) {
            throw new IllegalStateException("The stream is not open");
        }
        return known;
    }
}
