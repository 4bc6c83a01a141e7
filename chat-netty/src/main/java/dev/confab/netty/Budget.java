package dev.confab.netty;

import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bound on the bytes that all connections of a server hold together. When the bound is exceeded, the connections that
 * have held bytes the longest give up, until an eighth of the budget is free again. Safe for any thread.
 */
final class Budget {
    private static final Logger LOG = LoggerFactory.getLogger(Budget.class);

    private final String name;
    private final long limit;
    private final Runnable onReached;
    private final AtomicLong used = new AtomicLong();
    private final Map<EventLoop, BudgetLoop> loops = new ConcurrentHashMap<>();
    private final LogRate rate = LogRate.everyMinute();

    /** @param onReached called for each connection that is closed because the budget is used up */
    Budget(String name, long limit, Runnable onReached) {
        this.name = name;
        this.limit = limit;
        this.onReached = onReached;
    }

    BudgetLoop on(EventLoop loop) {
        BudgetLoop known = loops.get(loop);
        return known == null ? loops.computeIfAbsent(loop, e -> new BudgetLoop(this, e)) : known;
    }

    /** @return whether the budget is exceeded */
    boolean add(long bytes) {
        return used.addAndGet(bytes) > limit;
    }

    long used() {
        return used.get();
    }

    /** Whether the budget is exceeded by so much that a connection cannot wait for its turn to give up. */
    boolean isExhausted() {
        return used.get() > limit + limit / 4;
    }

    boolean isScarce() {
        return used.get() > limit / 2;
    }

    /** Whether further connections have to give up, because less than an eighth of the budget is free. */
    boolean isToBeRelieved() {
        return used.get() > limit - limit / 8;
    }

    /** The loop of the connection that has held bytes the longest; null when no connection holds any. */
    @Nullable
    BudgetLoop oldest() {
        BudgetLoop oldest = null;
        for (BudgetLoop loop : loops.values()) {
            if (loop.oldest() != BudgetLoop.NONE && (oldest == null || loop.oldest() < oldest.oldest())) {
                oldest = loop;
            }
        }
        return oldest;
    }

    /** Records that a connection is closed because the budget is used up. */
    void reached() {
        onReached.run();
    }

    void gaveUp() {
        reached();
        long connections = rate.count();
        if (connections > 0) {
            LOG.warn(
                    "{}: {} bytes are used up; the connections that have held some the longest are closed"
                            + " (since the last report: {})",
                    name,
                    limit,
                    connections);
        }
    }
}
