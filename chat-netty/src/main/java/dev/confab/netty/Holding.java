package dev.confab.netty;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The part of a server's budget that one connection uses. A connection that holds no bytes costs nothing. Confined to
 * the channel's event loop.
 */
public final class Holding {
    /** The number of bytes that a connection may always hold: a head, and the body of a short message. */
    static final int FEW_BYTES = 4 << 10;

    private final @Nullable BudgetLoop loop;
    final Holder holder;

    // The following fields belong to the BudgetLoop. They are kept here because a field costs less than a map.
    @Nullable
    Holding older;

    @Nullable
    Holding newer;

    long bytes;
    long since;

    Holding(@Nullable BudgetLoop loop, Holder holder) {
        this.loop = loop;
        this.holder = holder;
    }

    /**
     * Returns the channel's part of the input budget: bytes that were received and not yet processed. There is no bound
     * when the channel does not belong to a {@link ChatServer}.
     */
    public static Holding ofInput(Channel channel, Holder holder) {
        Budgets budgets = channel.attr(Budgets.KEY).get();
        return new Holding(budgets == null ? null : budgets.input().on(channel.eventLoop()), holder);
    }

    /**
     * Updates the budget. To be called when the number of bytes that the holder holds may have changed. The update may
     * lead to {@link Holder#giveUp}, but only after this method has returned.
     */
    public void update() {
        if (loop != null) {
            long held = holder.held();
            if (held != bytes) {
                loop.change(this, held);
            }
        }
    }

    /** Records that the holder no longer holds any bytes. */
    public void clear() {
        if (loop != null && bytes != 0) {
            loop.change(this, 0);
        }
    }

    /**
     * Whether the budget is exceeded by so much that this connection, which holds bytes and is about to hold more, has
     * to be closed at once. One turn of an event loop can read from thousands of connections before any of them can
     * give up. A connection whose bytes are few is not closed, so that a short request in two segments is served.
     *
     * @param more the number of bytes that the connection is about to hold in addition
     */
    public boolean isExhausted(int more) {
        if (loop != null && bytes > 0 && bytes + more > FEW_BYTES && loop.isExhausted()) {
            loop.reached();
            return true;
        }
        return false;
    }

    /** Whether so much of the budget is used that input that is not needed at once should stay in the socket. */
    boolean isScarce() {
        return loop != null && loop.isScarce();
    }
}
