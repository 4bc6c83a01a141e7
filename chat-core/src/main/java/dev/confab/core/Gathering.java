package dev.confab.core;

import java.util.concurrent.TimeUnit;

/**
 * For how many drafts, and for how long, the next append waits. Where several publish at once, those that have just been answered
 * publish again: without a pause the first of them would have an append for itself, and the others wait for its end. Who
 * publishes alone never waits. Confined to the thread that appends.
 */
final class Gathering {
    /** And never longer than half of what the last append took. */
    static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private int expected;
    private long nanos;

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
}
