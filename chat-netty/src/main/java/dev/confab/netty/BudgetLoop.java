package dev.confab.netty;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop's part of a budget: the connections that hold bytes, in the order in which they began to hold them.
 * Confined to the loop, except for {@link #oldest} and {@link #relieveSoon}.
 */
final class BudgetLoop {
    private static final Logger LOG = LoggerFactory.getLogger(BudgetLoop.class);

    /** The value of {@link #oldest} while no connection of this loop holds any bytes. */
    static final long NONE = Long.MAX_VALUE;

    /** The number of connections that give up in one turn; then the loop can do other work. */
    private static final int GIVEN_UP_PER_TURN = 64;

    private static final long ORIGIN = System.nanoTime();

    private final Budget budget;
    private final EventLoop executor;
    private final AtomicBoolean relieving = new AtomicBoolean();
    private @Nullable Holding first;
    private @Nullable Holding last;
    private volatile long oldest = NONE;

    BudgetLoop(Budget budget, EventLoop executor) {
        this.budget = budget;
        this.executor = executor;
    }

    /** The time at which the oldest holder of this loop began to hold bytes, or {@link #NONE}. */
    long oldest() {
        return oldest;
    }

    boolean isExhausted() {
        return budget.isExhausted();
    }

    void reached() {
        budget.reached();
    }

    boolean isScarce() {
        return budget.isScarce();
    }

    void change(Holding holding, long held) {
        if (set(holding, held)) {
            relieveSoon();
        }
    }

    /** Schedules the relief instead of running it, because the caller may be in the middle of an operation. */
    void relieveSoon() {
        if (relieving.compareAndSet(false, true)) {
            try {
                executor.execute(this::relieve);
            } catch (RejectedExecutionException e) {
                LOG.debug("The event loop ended before its connections released their memory", e);
            }
        }
    }

    private void relieve() {
        relieving.set(false);
        refresh();
        for (int i = 0; budget.isToBeRelieved(); i++) {
            BudgetLoop next = budget.oldest();
            Holding holding = first;
            if (next == null) {
                return;
            }
            if (next != this || holding == null || i == GIVEN_UP_PER_TURN) {
                next.relieveSoon();
                return;
            }
            set(holding, 0);
            budget.gaveUp();
            try {
                holding.holder.giveUp();
            } catch (RuntimeException e) {
                LOG.error("A connection could not release its memory", e);
            }
        }
    }

    /** Updates all amounts. A socket takes output without a notification, so the recorded amounts may be too high. */
    private void refresh() {
        Holding next = first;
        while (next != null) {
            Holding holding = next;
            next = holding.newer;
            set(holding, holding.holder.held());
        }
    }

    /** @return whether the budget is exceeded by more than before */
    private boolean set(Holding holding, long held) {
        long change = held - holding.bytes;
        if (holding.bytes == 0 && held > 0) {
            holding.since = System.nanoTime() - ORIGIN;
            append(holding);
        } else if (holding.bytes > 0 && held == 0) {
            remove(holding);
        }
        holding.bytes = held;
        return budget.add(change) && change > 0;
    }

    private void append(Holding holding) {
        Holding before = last;
        holding.older = before;
        last = holding;
        if (before == null) {
            first = holding;
            oldest = holding.since;
        } else {
            before.newer = holding;
        }
    }

    private void remove(Holding holding) {
        Holding before = holding.older;
        Holding after = holding.newer;
        holding.older = null;
        holding.newer = null;
        if (after == null) {
            last = before;
        } else {
            after.older = before;
        }
        if (before == null) {
            first = after;
            oldest = after == null ? NONE : after.since;
        } else {
            before.newer = after;
        }
    }
}
