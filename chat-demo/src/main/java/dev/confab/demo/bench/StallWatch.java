package dev.confab.demo.bench;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Watches whether the machine stands still: a thread sleeps again and again and records how late it wakes up. A server
 * that waits for its disk or collects garbage does not delay the thread. So a late wake-up is a fault of the machine or
 * of the client. For one thread.
 */
final class StallWatch {
    static final long SLEEP_MILLIS = 5;

    private static final long SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(SLEEP_MILLIS);

    private final LongSupplier clock;
    private final Histogram late = new Histogram(Result.DIGITS);
    private final Thread thread;
    private volatile boolean isEnded;

    private StallWatch(long from, LongSupplier clock) {
        this.clock = clock;
        this.thread = new Thread(() -> watch(from), "bench-stalls");
        thread.setDaemon(true);
    }

    /**
     * Starts to watch.
     *
     * @param from the moment at which the caller should have woken up, as a value of the clock; the delay until now is
     *     recorded, too
     * @param clock the time in nanoseconds
     */
    static StallWatch start(long from, LongSupplier clock) {
        StallWatch watch = new StallWatch(from, clock);
        watch.thread.start();
        return watch;
    }

    private void watch(long from) {
        long due = from;
        do {
            try {
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - clock.getAsLong()));
            } catch (InterruptedException e) {
                return;
            }
            long now = clock.getAsLong();
            late.recordValue(TimeUnit.NANOSECONDS.toMicros(Math.max(0, now - due)));
            due = now + SLEEP_NANOS;
        } while (!isEnded);
    }

    /** Ends the thread without a result. */
    void cancel() {
        thread.interrupt();
    }

    /** Waits for the next wake-up and returns how late all of them were, in microseconds. */
    Histogram end() throws InterruptedException {
        isEnded = true;
        thread.join();
        return late;
    }
}
