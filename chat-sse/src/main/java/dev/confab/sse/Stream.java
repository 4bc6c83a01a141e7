package dev.confab.sse;

import dev.confab.core.Batch;
import dev.confab.core.Gap;
import dev.confab.core.IdFormat;
import dev.confab.core.MessageId;
import dev.confab.core.Presence.Attendance;
import dev.confab.netty.AccessWatch;
import dev.confab.netty.Hello;
import dev.confab.netty.HttpException;
import dev.confab.netty.Identity;
import dev.confab.netty.LiveEvent;
import dev.confab.netty.Peer;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.Reader;
import dev.confab.netty.SessionEntry;
import dev.confab.netty.Timeout;
import dev.confab.netty.TimerWheel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** The event stream of one client, after the head was sent. Confined to the channel's event loop. */
final class Stream extends Reader implements Peer {
    private final SseHandler handler;
    private final IdFormat ids;
    private final boolean chunked;
    private final @Nullable Attendance attendance;
    private final Identity identity;
    private @Nullable ChannelHandlerContext context;
    private @Nullable AccessWatch watch;
    private @Nullable SessionEntry entry;
    private @Nullable Timeout deadline;
    private boolean isEnded;

    /**
     * @param start the cursor at which reading starts
     * @param chunked whether the body is chunked; otherwise it ends with the connection
     * @param attendance the client's attendance in its rooms, or null for a client without a nick
     */
    Stream(
            SseHandler handler,
            Channel channel,
            ReadRequest request,
            MessageId start,
            boolean chunked,
            @Nullable Attendance attendance,
            Identity identity) {
        super(channel, identity.nick(request.nick()));
        startAt(start);
        this.handler = handler;
        this.ids = request.view().ids();
        this.chunked = chunked;
        this.attendance = attendance;
        this.identity = identity;
    }

    /** Sets the session that the client was told. Called once, before the stream joins. */
    void belongTo(Hello hello) {
        belongTo(hello.session());
    }

    /** Sets the entry of this stream in the list of sessions. Called once, before the stream joins. */
    void list(SessionEntry listed) {
        entry = listed;
    }

    /** Called when the connection is closed, no matter which side closed it. */
    void closed() {
        if (entry != null) {
            entry.close();
        }
        leave();
        if (watch != null) {
            watch.cancel();
        }
        if (deadline != null) {
            deadline.cancel();
        }
        dropOut();
    }

    /**
     * Ends the attendance when the stream is over. An event stream has no clean end: no matter which side closed the
     * stream, the client may connect again soon.
     */
    private void dropOut() {
        if (attendance != null) {
            attendance.drop();
        }
    }

    /** Sets the context to write to. Called before the stream joins. */
    void writeTo(ChannelHandlerContext pipeline) {
        context = pipeline;
    }

    /** Ends the stream when the client's access ends. */
    void watch() {
        watch = identity.watch(end -> fail(end.toException()));
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

    /**
     * Ends the stream regularly: the client connects again after {@code retryMillis}. A second call does nothing.
     */
    void end(int retryMillis) {
        end(EventEncoder.farewell(retryMillis, channel().alloc()));
    }

    /** Ends the stream with an event {@code error}, whose data is the problem. */
    private void fail(HttpException failure) {
        end(EventEncoder.error(failure.json(), channel().alloc()));
    }

    /** @param last the last chunk; is released here */
    private void end(ByteBuf last) {
        if (isEnded) {
            last.release();
            return;
        }
        isEnded = true;
        leave();
        if (chunked) {
            EventEncoder.endOfBody(last);
        } else {
            EventEncoder.unwrap(last);
        }
        // The fan-out no longer watches this client, which may never take the last chunk.
        deadline = TimerWheel.of(channel().eventLoop()).in(handler.stuckMillis(), channel()::close);
        pipeline().writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public String transport() {
        return "sse";
    }

    @Override
    public boolean takes(LiveEvent.Type type) {
        return !isEnded && channel().isWritable() && (type != LiveEvent.Type.SIGNAL || isAtEnd());
    }

    @Override
    public ByteBuf encode(LiveEvent event, ByteBufAllocator allocator) {
        return EventEncoder.live(event, allocator);
    }

    @Override
    public void offer(ByteBuf encoded) {
        send(encoded.retainedDuplicate());
    }

    /** An event stream has no close code: the client connects again. */
    @Override
    public void close(int code, String reason) {
        end(handler.retry());
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
