package dev.confab.demo.bench;

import java.util.concurrent.TimeUnit;

/**
 * When each message is due, whatever became of those before it (open loop): a server that stalls does not slow the publisher
 * down, and so cannot hide the messages that would have waited. Times are nanoseconds since the start.
 *
 * @param rate messages a second
 */
record Schedule(double rate, int warmUpSeconds, int seconds) {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Messages are numbered from 0. */
    long due(int number) {
        return Math.round(number * NANOS / rate);
    }

    /** The first message that is measured. */
    int first() {
        return count(warmUpSeconds);
    }

    /** How many there are. */
    int total() {
        return count(warmUpSeconds + seconds);
    }

    long measuredFrom() {
        return TimeUnit.SECONDS.toNanos(warmUpSeconds);
    }

    long end() {
        return TimeUnit.SECONDS.toNanos(warmUpSeconds + seconds);
    }

    /** How many messages are due so long after the start. */
    int dueAfter(long nanos) {
        if (nanos < 0) {
            return 0;
        }
        int estimate = (int) Math.min(total(), nanos * rate / NANOS + 2);
        // One more than by the arithmetic: what is rounded in due() decides.
        while (estimate > 0 && due(estimate - 1) > nanos) {
            estimate--;
        }
        return estimate;
    }

    private int count(int afterSeconds) {
        return (int) Math.ceil(afterSeconds * rate);
    }
}
