package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.netty.Deadline;
import dev.confab.netty.Deadlines;
import dev.confab.netty.Exchange;
import dev.confab.netty.Reader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One request that waits for entries: a reader that leaves with its first delivery. */
final class Poll extends Reader {
    private final LongPollHandler handler;
    private final Exchange exchange;
    private final PollRequest request;
    private @Nullable Deadline deadline;

    Poll(LongPollHandler handler, Exchange exchange, PollRequest request) {
        super(exchange.channel(), request.nick());
        this.handler = handler;
        this.exchange = exchange;
        this.request = request;
        exchange.onGone(this::end);
        exchange.park();
    }

    @Override
    protected @Nullable Limit limit() {
        return request.limit();
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        end();
        handler.answer(exchange, encoded, batch);
    }

    @Override
    protected void gap(Gap gap) {
        end();
        handler.answer(exchange, gap);
    }

    @Override
    protected void atEnd() {
        if (request.waitMillis() == 0) {
            expire();
        } else if (deadline == null) {
            deadline = Deadlines.of(channel().eventLoop()).in(request.waitMillis(), this::expire);
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

    private void end() {
        leave();
        if (deadline != null) {
            deadline.cancel();
        }
    }
}
