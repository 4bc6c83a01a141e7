package dev.confab.longpoll;

import dev.confab.core.Attendance;
import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.netty.Exchange;
import dev.confab.netty.Reader;
import dev.confab.netty.Timeout;
import dev.confab.netty.TimerWheel;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One request that waits for entries: a reader that leaves with its first delivery. */
final class Poll extends Reader {
    private final LongPollHandler handler;
    private final Exchange exchange;
    private final PollRequest request;
    private final @Nullable Attendance attendance;
    private @Nullable Timeout deadline;

    /** @param attendance the part of who polls in the rooms, or null when it has no nick */
    Poll(LongPollHandler handler, Exchange exchange, PollRequest request, @Nullable Attendance attendance) {
        super(exchange.channel(), request.nick());
        this.handler = handler;
        this.exchange = exchange;
        this.request = request;
        this.attendance = attendance;
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
        handler.answer(exchange, gap);
    }

    @Override
    protected void atEnd() {
        if (request.waitMillis() == 0 || handler.isDraining()) {
            expire();
        } else if (deadline == null) {
            deadline = TimerWheel.of(channel().eventLoop()).in(request.waitMillis(), this::expire);
        }
    }

    @Override
    protected void failed(ChatException failure) {
        end();
        exchange.fail(failure);
    }

    /** Answers that nothing came. */
    void expire() {
        MessageId position = position();
        end();
        handler.answerEmpty(exchange, position);
    }

    /** It is answered, or its client is gone. */
    void end() {
        leave();
        if (deadline != null) {
            deadline.cancel();
        }
        if (attendance != null) {
            // Present until one grace time after this answer, if no other poll begins by then.
            attendance.drop();
        }
    }
}
