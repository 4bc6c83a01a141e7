package dev.confab.demo.faults;

import java.util.concurrent.TimeUnit;

/** Waits while the clients run, and fails as soon as one of the clients fails. Confined to one thread. */
interface Pastime {
    long LOOK_MILLIS = 50;

    /** A condition that is evaluated repeatedly. */
    interface Condition {
        boolean holds() throws Exception;
    }

    /**
     * Waits until a time, or until the end of the run.
     *
     * @param nanos a value of {@link System#nanoTime}
     * @return false when the run is over
     */
    boolean await(long nanos) throws Exception;

    /** Waits for a number of seconds, or until the end of the run. Returns false when the run is over. */
    default boolean passSeconds(int seconds) throws Exception {
        return await(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
    }

    /**
     * Waits until a condition holds, for at most a number of seconds, or until the end of the run. Returns false when
     * the run is over.
     */
    default boolean passUntil(int seconds, Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        boolean time = true;
        while (time && !condition.holds() && deadline - System.nanoTime() > 0) {
            time = await(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        }
        return time;
    }
}
