package dev.confab.sse;

import dev.confab.core.Batch;
import dev.confab.core.Gap;
import dev.confab.core.IdFormat;
import dev.confab.core.Presence.Attendance;
import dev.confab.netty.AccessWatch;
import dev.confab.netty.HttpException;
import dev.confab.netty.Identity;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.Reader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** The event stream of one client, after the head was sent. Confined to the channel's event loop. */
final class Stream extends Reader {
    private final IdFormat ids;
    private final boolean chunked;
    private final @Nullable Attendance attendance;
    private @Nullable ChannelHandlerContext context;
    private @Nullable AccessWatch watch;

    /**
     * @param chunked whether the body is chunked; otherwise it ends with the connection
     * @param attendance the client's attendance in its rooms, or null for a client without a nick
     */
    Stream(Channel channel, ReadRequest request, boolean chunked, @Nullable Attendance attendance) {
        super(channel, request.nick());
        this.ids = request.view().ids();
        this.chunked = chunked;
        this.attendance = attendance;
    }

    /**
     * Ends the attendance when the stream is over. An event stream has no clean end: no matter which side closed the
     * stream, the client may connect again soon.
     */
    void dropOut() {
        if (attendance != null) {
            attendance.drop();
        }
    }

    /** Sets the context to write to. Called before the stream joins. */
    void writeTo(ChannelHandlerContext pipeline) {
        context = pipeline;
    }

    /** Ends the stream when the client's access ends. */
    void watch(Identity identity) {
        watch = identity.watch(end -> fail(end.toException()));
    }

    void unwatch() {
        if (watch != null) {
            watch.cancel();
        }
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
        send(EventEncoder.gap(gap, ids, channel().alloc()));
    }

    /**
     * Sends a heartbeat, but not to a client that accepts no data: another byte in the client's queue would look as if
     * the client had accepted data.
     */
    @Override
    protected void keepAlive() {
        if (channel().isWritable()) {
            send(EventEncoder.heartbeat());
        }
    }

    /** Ends the stream regularly: the client connects again after {@code retryMillis}. */
    void end(int retryMillis) {
        end(EventEncoder.farewell(retryMillis, channel().alloc()));
    }

    /** Ends the stream with an event {@code error}, whose data is the problem. */
    private void fail(HttpException failure) {
        end(EventEncoder.error(failure.json(), channel().alloc()));
    }

    /** @param last the last chunk; is released here */
    private void end(ByteBuf last) {
        leave();
        if (chunked) {
            EventEncoder.endOfBody(last);
        } else {
            EventEncoder.unwrap(last);
        }
        pipeline().writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    private void send(ByteBuf chunk) {
        // With a void promise, a failed write becomes an exception in the pipeline, and a successful write has no extra
        // cost.
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
