package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Gap;
import dev.confab.core.RoomSet;
import dev.confab.netty.AccessWatch;
import dev.confab.netty.Exchange;
import dev.confab.netty.HttpException;
import dev.confab.netty.HttpReason;
import dev.confab.netty.LiveEvent;
import dev.confab.netty.Peer;
import dev.confab.netty.Reader;
import dev.confab.netty.SessionEntry;
import dev.confab.netty.Sessions;
import dev.confab.netty.Timeout;
import dev.confab.netty.TimerWheel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * A {@code GET /sub} that waits: a reader of messages that leaves after its first message. While it waits, it is listed
 * as a session.
 */
final class SubReader extends Reader implements Peer {
    private final Sessions sessions;
    private final Exchange exchange;
    private final RoomSet rooms;
    private final long maxWaitMillis;
    private final @Nullable AccessWatch watch;
    private @Nullable Timeout deadline;
    private @Nullable SessionEntry entry;
    private boolean isEnded;

    SubReader(Sessions sessions, Exchange exchange, RoomSet rooms, long maxWaitMillis) {
        super(exchange.channel(), null);
        this.sessions = sessions;
        this.exchange = exchange;
        this.rooms = rooms;
        this.maxWaitMillis = maxWaitMillis;
        this.watch = exchange.identity().watch(end -> refuse(end.toException()));
        exchange.park();
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        end();
        SubCursor.remember(channel(), rooms, batch.to());
        if (exchange.takesWhole()) {
            exchange.answerWhole(encoded);
        } else {
            encoded.release();
            exchange.answer(SubEncoder.response(batch));
        }
    }

    /** Continues after the gap, for which the response has no form. */
    @Override
    protected void gap(Gap gap) {}

    @Override
    protected void atEnd() {
        if (deadline == null) {
            deadline = TimerWheel.of(channel().eventLoop()).in(maxWaitMillis, this::expire);
            entry = sessions.open(this, rooms);
        }
    }

    @Override
    public String transport() {
        return "longpoll";
    }

    /** The response has no place for an event that is not a message. */
    @Override
    public boolean takes(LiveEvent.Type type) {
        return false;
    }

    @Override
    public ByteBuf encode(LiveEvent event, ByteBufAllocator allocator) {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void offer(ByteBuf encoded) {}

    /** A response has no close code: the client learns that there is no message. */
    @Override
    public void close(int code, String reason) {
        expire();
    }

    @Override
    protected void failed(ChatException failure) {
        refuse(failure);
    }

    /** Responds with a failure, unless this reader has ended. */
    void refuse(RuntimeException failure) {
        if (!isEnded) {
            end();
            exchange.fail(failure);
        }
    }

    boolean hasEnded() {
        return isEnded;
    }

    /** Ends the wait with an error, so that a client which expects a message tries again. */
    private void expire() {
        SubCursor.remember(channel(), rooms, position());
        refuse(HttpException.of(HttpReason.NO_MESSAGE, "No message arrived in time: repeat the request"));
    }

    /** Ends the wait before its response, or because its client is gone. */
    void end() {
        isEnded = true;
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
    }
}
