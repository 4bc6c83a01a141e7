package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/**
 * One connection that reads, as its {@link FanOut} sees it: a cursor and a channel that is writable or not. Confined to the
 * channel's event loop. It joins once.
 */
public abstract class Reader {
    /** Where it is in its group. */
    enum State {
        /** Not joined yet, or left. */
        OUT,
        /** At the end, or getting there with everyone else. */
        RING,
        /** More is there than one write took: it waits for its next turn. */
        BEHIND,
        /** Its channel takes no more. */
        BLOCKED,
        /** The store is asked for what memory does not have. */
        LOADING
    }

    private final Channel channel;
    private final @Nullable Nick nick;

    // The group's. Kept here, because a reader is in one group, and a field costs less than a map.
    State state = State.OUT;
    MessageId cursor = MessageId.MIN;

    @Nullable
    Group group;

    Reader left = this;
    Reader right = this;

    @Nullable
    SocketOutput output;

    int visited;
    int sent;
    boolean queued;
    int index = -1;
    int swept;
    long blockedSince;
    long pendingBytes;

    /** @param nick whose joins and leaves it does not get, or null */
    protected Reader(Channel channel, @Nullable Nick nick) {
        this.channel = channel;
        this.nick = nick;
    }

    public final Channel channel() {
        return channel;
    }

    public final @Nullable Nick nick() {
        return nick;
    }

    /** Behind what was last written to it. */
    public final MessageId cursor() {
        return cursor;
    }

    /** The cursor to go on with when nothing is left to read: at least {@link #cursor()}. */
    public final MessageId position() {
        Group joined = group;
        return joined == null ? cursor : joined.position(cursor);
    }

    /** Ends it. From here on none of the methods below is called. Idempotent. */
    public final void leave() {
        Group joined = group;
        if (joined != null) {
            joined.leave(this);
        }
    }

    /** To be called when the channel's writability changed. */
    public final void writabilityChanged() {
        Group joined = group;
        if (joined != null && state == State.BLOCKED && channel.isWritable()) {
            joined.unblock(this);
        }
    }

    /**
     * The handler that {@link #write} writes from, when all it does is to send what was encoded as it is; otherwise null. When that
     * is the channel's outermost handler, sending may happen without {@link #write} being called. Asked once, when it joins.
     */
    protected @Nullable ChannelHandler writer() {
        return null;
    }

    /**
     * Runs {@code task} on the event loop when that has read once more what its sockets hold: before a connection is ended, so
     * that what the client sent so far is seen.
     */
    protected final void afterNextPoll(Runnable task) {
        NextPoll.after(channel.eventLoop(), task);
    }

    /** How much one write may bring it; null for what the fan-out is set to, which is what can be shared. */
    protected @Nullable Limit limit() {
        return null;
    }

    /**
     * Writes and flushes entries; it may {@link #leave()}.
     *
     * @param encoded what the encoder made of the batch; this reader's to release
     * @param batch what is in it, at least one entry
     */
    protected abstract void write(ByteBuf encoded, Batch batch);

    /** Writes that entries are missing; it may {@link #leave()}. */
    protected abstract void gap(Gap gap);

    /** Nothing is there at the moment: it waits. Called each time it gets there; it may {@link #leave()}. */
    protected void atEnd() {}

    /** The store cannot be read for it. It is tried again in a second unless it leaves. */
    protected void failed(ChatException failure) {}

    /** A turn of the keep-alive sweep. */
    protected void keepAlive() {}

    /** It has not taken a byte of what was written for {@link FanOutConfig#stuckAfter()}: its channel is to be closed. */
    protected void stuck() {
        channel.close();
    }
}
