package dev.confab.netty;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The part of a server's budget that one connection uses. A connection that holds nothing costs nothing. Confined to the channel's
 * event loop.
 */
public final class Holding {
    private final @Nullable BudgetLoop loop;
    final Holder holder;

    // The loop's. Kept here, because a field costs less than a map.
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

    /** The part of input that was received and not processed. Without a bound when the channel is not a {@link ChatServer}'s. */
    public static Holding ofInput(Channel channel, Holder holder) {
        Budgets budgets = channel.attr(Budgets.KEY).get();
        return new Holding(budgets == null ? null : budgets.input().on(channel.eventLoop()), holder);
    }

    /** To be called when what the holder holds may have changed. May lead to {@link Holder#giveUp}, but not before it returns. */
    public void update() {
        if (loop != null) {
            long held = holder.held();
            if (held != bytes) {
                loop.change(this, held);
            }
        }
    }

    /** The holder holds nothing any more. */
    public void clear() {
        if (loop != null && bytes != 0) {
            loop.change(this, 0);
        }
    }

    /**
     * Whether the budget is exceeded by so much that whoever holds something and is about to hold more has to be closed at once.
     * One turn of an event loop can read from thousands of connections before it lets any of them give up.
     */
    public boolean isExhausted() {
        return loop != null && bytes > 0 && loop.isExhausted();
    }

    /** Whether so much of the budget is used that what is not needed at once should stay in the socket. */
    boolean isScarce() {
        return loop != null && loop.isScarce();
    }
}
