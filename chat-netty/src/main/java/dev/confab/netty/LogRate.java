package dev.confab.netty;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Limits how often a repeated failure is logged: the first failure at once, then one line per interval with the number
 * of failures since the last line. Safe for any thread.
 */
final class LogRate {
    private final LongSupplier nanoClock;
    private final long interval;
    private long count;
    private long last;
    private boolean isLogged;

    LogRate(Duration interval, LongSupplier nanoClock) {
        this.interval = interval.toNanos();
        this.nanoClock = nanoClock;
    }

    static LogRate everyMinute() {
        return new LogRate(Duration.ofMinutes(1), System::nanoTime);
    }

    /**
     * Counts a failure.
     *
     * @return the number of failures since the last line, if a line is due, otherwise 0
     */
    synchronized long count() {
        count++;
        long now = nanoClock.getAsLong();
        if (isLogged && now - last < interval) {
            return 0;
        }
        isLogged = true;
        last = now;
        long failures = count;
        count = 0;
        return failures;
    }
}
