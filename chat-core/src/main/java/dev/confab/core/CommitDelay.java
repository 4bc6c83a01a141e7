package dev.confab.core;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The pause before an append. Where several publish at once, those that have just been answered publish again: without a pause
 * the first of them would have an append for itself, and the others wait for its end. So the next append waits for as many drafts
 * as the last one had, for half as long as that took. Who publishes alone never waits. For the thread that appends, but for
 * {@link #arrived}.
 */
final class CommitDelay {
    /** And never longer than half of what the last append took. */
    static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private int expected;
    private long nanos;
    private volatile int awaited = Integer.MAX_VALUE;
    private volatile @Nullable Thread waiting;

    /** @param drafts how many it had */
    void appended(int drafts, long tookNanos) {
        expected = drafts;
        nanos = Math.min(MAX_NANOS, tookNanos / 2);
    }

    /** With so many it does not wait; 1 or less when it does not wait at all. */
    int expected() {
        return expected;
    }

    long nanos() {
        return nanos;
    }

    /**
     * Waits. Parked, because waiting on a lock is rounded up to whole milliseconds.
     *
     * @param isWorthIt whether fewer than are expected are there; asked after every {@link #arrived} that says so
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
     * Another draft is there. Any thread.
     *
     * @param drafts how many there are now
     */
    void arrived(int drafts) {
        if (drafts == awaited) {
            LockSupport.unpark(waiting);
        }
    }
}
