package dev.confab.core;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The commit delay: a pause before an append, in which further drafts can arrive.
 *
 * <p>When several clients publish at once, they often publish again as soon as they have a response. Without a delay,
 * the first of these drafts would be appended alone, and the others would wait until that append ends. Therefore the
 * next append waits until there are as many drafts as the last append had, but at most half as long as the last append
 * took. A single publisher never waits.
 *
 * <p>Used by the thread that appends, except {@link #arrived}.
 */
final class CommitDelay {
    /** The maximum delay, even if half of the last append's duration is longer. */
    static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private int expected;
    private long nanos;
    private volatile int awaited = Integer.MAX_VALUE;
    private volatile @Nullable Thread waiting;

    /**
     * Sets the next delay after an append.
     *
     * @param drafts the number of drafts in the append
     */
    void appended(int drafts, long tookNanos) {
        expected = drafts;
        nanos = Math.min(MAX_NANOS, tookNanos / 2);
    }

    /** Returns the number of drafts that ends the wait; 1 or less means no wait. */
    int expected() {
        return expected;
    }

    long nanos() {
        return nanos;
    }

    /**
     * Waits for the expected number of drafts. Parks the thread, because a wait on a lock is rounded up to whole
     * milliseconds.
     *
     * @param isWorthIt returns whether to go on waiting; called before the wait, and after each wake-up, such as one by
     *     {@link #arrived}
     */
    void await(BooleanSupplier isWorthIt) {
        if (expected <= 1) {
            return;
        }
        long until = System.nanoTime() + nanos;
        waiting = Thread.currentThread();
        awaited = expected;
        for (long left = nanos;
                left > 0 && isWorthIt.getAsBoolean() && !Thread.currentThread().isInterrupted();
                left = until - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        awaited = Integer.MAX_VALUE;
        waiting = null;
    }

    /**
     * Ends the wait if the expected number of drafts has arrived. May be called from any thread.
     *
     * @param drafts the number of drafts that are waiting now
     */
    void arrived(int drafts) {
        if (drafts == awaited) {
            LockSupport.unpark(waiting);
        }
    }
}
