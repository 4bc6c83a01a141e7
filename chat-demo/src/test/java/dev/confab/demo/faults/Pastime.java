package dev.confab.demo.faults;

import java.util.concurrent.TimeUnit;

/** Lets the clients go on, and fails as soon as one of them does. For one thread. */
interface Pastime {
    long LOOK_MILLIS = 50;

    /** Asked again and again. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Until then, or until the end of the run; false when it is that. */
    boolean await(long nanos) throws Exception;

    /** So long, or until the end of the run; false when it is that. */
    default boolean passSeconds(int seconds) throws Exception {
        return await(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
    }

    /** Until it is so, but no longer than that; false at the end of the run. */
    default boolean passUntil(int seconds, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        boolean time = true;
        while (time && !condition.holds() && deadline - System.nanoTime() > 0) {
            time = await(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        }
        return time;
    }
}
