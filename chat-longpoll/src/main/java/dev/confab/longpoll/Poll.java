package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Presence.Attendance;
import dev.confab.netty.AccessWatch;
import dev.confab.netty.Exchange;
import dev.confab.netty.LiveEvent;
import dev.confab.netty.Peer;
import dev.confab.netty.Reader;
import dev.confab.netty.SessionEntry;
import dev.confab.netty.Timeout;
import dev.confab.netty.TimerWheel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A request that waits for entries: a reader that leaves after its first delivery. While it waits, it is listed as a
 * session.
 */
final class Poll extends Reader implements Peer {
    private final LongPollHandler handler;
    private final Exchange exchange;
    private final PollRequest request;
    private final @Nullable Attendance attendance;
    private final @Nullable AccessWatch watch;
    private @Nullable Timeout deadline;
    private @Nullable SessionEntry entry;
    private boolean ended;

    /** @param attendance the attendance of the client in its rooms, or null for a client that is not a participant */
    Poll(LongPollHandler handler, Exchange exchange, PollRequest request, @Nullable Attendance attendance) {
        super(exchange.channel(), exchange.identity().nick(request.nick()));
        this.handler = handler;
        this.exchange = exchange;
        this.request = request;
        this.attendance = attendance;
        this.watch = exchange.identity().watch(end -> failed(end.toException()));
        exchange.park();
    }

    @Override
    protected @Nullable Limit limit() {
        return request.limit();
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        end();
        handler.answer(exchange, request, encoded, batch);
    }

    @Override
    protected void gap(Gap gap) {
        end();
        handler.answer(exchange, request, gap);
    }

    @Override
    protected void atEnd() {
        // The response to a HEAD request has the head for the entries that exist now.
        if (request.waitMillis() == 0 || exchange.isHeadRequest() || handler.isDraining()) {
            expire();
        } else if (deadline == null) {
            deadline = TimerWheel.of(channel().eventLoop()).in(request.waitMillis(), this::expire);
            entry = handler.list(this, request.rooms());
        }
    }

    @Override
    public String transport() {
        return "longpoll";
    }

    /** A page has events that are not in the log only if the client has asked for signals. */
    @Override
    public boolean takes(LiveEvent.Type type) {
        return type == LiveEvent.Type.SIGNAL && request.signals() && isAtEnd();
    }

    /** Encodes a page with the event as its only element. */
    @Override
    public ByteBuf encode(LiveEvent event, ByteBufAllocator allocator) {
        byte[] json = event.json();
        return allocator.buffer(json.length + 2).writeByte('[').writeBytes(json).writeByte(']');
    }

    @Override
    public void offer(ByteBuf encoded) {
        MessageId position = position();
        end();
        handler.answerEvent(exchange, request, position, encoded.retainedDuplicate());
    }

    /** A response has no close code: the client gets an empty page. */
    @Override
    public void close(int code, String reason) {
        expire();
    }

    @Override
    protected void failed(ChatException failure) {
        failed((RuntimeException) failure);
    }

    private void failed(RuntimeException failure) {
        end();
        exchange.fail(failure);
    }

    /** Responds with an empty page, because no entry arrived. */
    void expire() {
        MessageId position = position();
        end();
        handler.answerEmpty(exchange, request, position);
    }

    /** Returns whether the poll has its response, which may still be written, or its client is gone. */
    boolean hasEnded() {
        return ended;
    }

    /** Ends the poll before its response, or because its client is gone. */
    void end() {
        ended = true;
        if (entry != null) {
            entry.close();
        }
        leave();
        if (deadline != null) {
            deadline.cancel();
        }
        if (watch != null) {
            watch.cancel();
        }
        if (attendance != null) {
            // The participant leaves one grace time after this response, unless its next poll begins by then.
            attendance.drop();
        }
    }
}
