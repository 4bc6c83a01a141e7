package dev.confab.websocket;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Gap;
import dev.confab.core.MessageId;
import dev.confab.netty.Reader;
import dev.confab.netty.View;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/**
 * The reader of a session, for as long as the session reads the same rooms. When the rooms change, the session gets a
 * new reader, because a reader joins only once. Confined to the channel's event loop.
 */
class SessionReader extends Reader {
    private final Session session;
    private final View view;

    /** @param start the cursor with which this reader joins */
    SessionReader(Session session, View view, MessageId start) {
        super(session.channel(), session.nick());
        startAt(start);
        belongTo(session.name());
        this.session = session;
        this.view = view;
    }

    final Session session() {
        return session;
    }

    final View view() {
        return view;
    }

    /** Runs {@code task} after the input that the client has already sent is read. */
    final void afterPoll(Runnable task) {
        afterNextPoll(task);
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        session.socket().writeAndFlush(encoded);
    }

    @Override
    protected @Nullable ChannelHandler writer() {
        return session.socket();
    }

    @Override
    protected void gap(Gap gap) {
        session.gap(gap);
    }

    @Override
    protected final void failed(ChatException failure) {
        session.failed(failure);
    }

    @Override
    protected final void keepAlive() {
        session.socket().keepAlive();
    }

    @Override
    protected final void stuck() {
        session.socket().close(CloseCode.SLOW);
    }
}
