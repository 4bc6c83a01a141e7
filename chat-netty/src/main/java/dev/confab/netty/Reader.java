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
 * A connection that reads, as its {@link FanOut} sees it: a cursor, and a channel that is writable or not. A reader
 * joins once. Confined to the channel's event loop.
 */
public abstract class Reader extends IntrusiveList.Node<Reader> {
    /** The state of a reader in its group. */
    enum State {
        /** The reader has not joined yet, or has left. */
        OUT,
        /** The reader is at the end of the log, or reaches it together with the other readers of the ring. */
        RING,
        /** The reader waits for its next turn, because there were more entries than one write may bring. */
        BEHIND,
        /** The reader is not ready. */
        BLOCKED,
        /** Entries that are not in memory are being loaded from the store. */
        LOADING
    }

    private final Channel channel;
    private final @Nullable Nick nick;
    private @Nullable String session;

    // The following fields belong to the classes that are named here. They are kept in the reader, because a field
    // costs less than a map.

    // Written by Group.
    State state = State.OUT;

    @Nullable
    Group group;

    @Nullable
    SocketOutput output;

    boolean queued;

    /** Whether this reader has got entries since it joined. */
    boolean served;

    /** The entries that were loaded for the next write. */
    @Nullable
    Batch loaded;

    // Written by Group and SharedWrite.
    MessageId cursor = MessageId.MIN;

    // Written by SharedWrite.
    int sent;

    // Written by Ring.
    Reader left = this;
    Reader right = this;
    int visited;

    // Written by FanOutLoop.
    long blockedSince;
    long pendingBytes;

    /** @param nick the reader does not get the joins and leaves of this nick; may be null */
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

    /**
     * Sets the name of the session that this reader belongs to. The reader does not get the messages that the session
     * {@linkplain dev.confab.core.Entry#sender sends}. Called before the reader joins, if at all.
     */
    protected final void belongTo(String name) {
        session = name;
    }

    /** Returns whether this reader gets all entries of the batch. */
    final boolean getsAll(SharedBatch shared) {
        return (nick == null || !shared.batch.isAbout(nick))
                && (shared.senders.isEmpty() || session == null || !shared.senders.contains(session));
    }

    /** Returns the entries of the batch that this reader gets. */
    final Batch own(Batch batch) {
        return batch.without(nick, session);
    }

    /** Sets the cursor that {@link #cursor()} returns until this reader joins. */
    protected final void startAt(MessageId start) {
        cursor = start;
    }

    /** Returns whether this reader has joined, and gets the next entry as soon as there is one. */
    public final boolean isAtEnd() {
        return state == State.RING;
    }

    /** Returns the cursor after the entries that were last written to this reader. */
    public final MessageId cursor() {
        return cursor;
    }

    /**
     * Returns the cursor from which to continue when no entries are left to read. It is not before {@link #cursor()}.
     */
    public final MessageId position() {
        Group joined = group;
        return joined == null ? cursor : joined.position(cursor);
    }

    /** Leaves the fan-out. From now on, the fan-out calls none of the methods below. Idempotent. */
    public final void leave() {
        Group joined = group;
        if (joined != null) {
            joined.leave(this);
        }
    }

    /** Must be called when the writability of the channel has changed, or {@link #isReady} for another reason. */
    public final void writabilityChanged() {
        Group joined = group;
        if (joined != null && state == State.BLOCKED && isReady()) {
            joined.unblock(this);
        }
    }

    /**
     * Returns the handler from which {@link #write} writes, if {@link #write} sends the encoded bytes unchanged and
     * does nothing else; otherwise null. If this is the channel's outermost handler, the bytes may be sent without a
     * call of {@link #write}. Called once, when the reader joins.
     */
    protected @Nullable ChannelHandler writer() {
        return null;
    }

    /**
     * Runs {@code task} on the event loop after the loop has polled its sockets once more. Used before a connection is
     * ended, so that input which the client has already sent is read first.
     */
    protected final void afterNextPoll(Runnable task) {
        NextPoll.after(channel.eventLoop(), task);
    }

    /** Returns whether this reader takes the next write. By default, it does while its channel is writable. */
    protected boolean isReady() {
        return channel.isWritable();
    }

    /**
     * Returns the limit of one write to this reader. Null stands for the fan-out's own limit. Readers with equal limits
     * share encoded bytes.
     */
    protected @Nullable Limit limit() {
        return null;
    }

    /**
     * Writes and flushes entries. May call {@link #leave()}.
     *
     * @param encoded the batch, encoded; this reader must release the buffer
     * @param batch the entries; at least one
     */
    protected abstract void write(ByteBuf encoded, Batch batch);

    /** Writes a notice that entries are missing. May call {@link #leave()}. */
    protected abstract void gap(Gap gap);

    /** Called each time the reader reaches the end of the log and starts to wait. May call {@link #leave()}. */
    protected void atEnd() {}

    /** Called when the store cannot be read. The fan-out tries again after a second, unless the reader leaves. */
    protected void failed(ChatException failure) {}

    /** Called by each keep-alive sweep. */
    protected void keepAlive() {}

    /**
     * Called when the client has not taken a byte of the written data for {@link FanOutConfig#stuckAfter()}. Must close
     * the channel.
     */
    protected void stuck() {
        channel.close();
    }
}
