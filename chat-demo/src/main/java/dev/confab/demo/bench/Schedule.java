package dev.confab.demo.bench;

import java.util.concurrent.TimeUnit;

/**
 * The times at which messages are due, independent of the responses to earlier messages (open loop). A server that
 * stalls does not slow down the publisher, so the measurement includes the messages that would have waited. Times are
 * nanoseconds since the start.
 *
 * @param rate messages a second
 */
record Schedule(double rate, int warmUpSeconds, int seconds) {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Returns the due time of a message; messages are numbered from 0. */
    long due(int number) {
        return Math.round(number * NANOS / rate);
    }

    /** Returns the number of the first message that is measured. */
    int first() {
        return count(warmUpSeconds);
    }

    /** Returns the number of all messages. */
    int total() {
        return count(warmUpSeconds + seconds);
    }

    long measuredFrom() {
        return TimeUnit.SECONDS.toNanos(warmUpSeconds);
    }

    long end() {
        return TimeUnit.SECONDS.toNanos(warmUpSeconds + seconds);
    }

    /** Returns the number of messages that are due {@code nanos} after the start. */
    int dueAfter(long nanos) {
        if (nanos < 0) {
            return 0;
        }
        int estimate = (int) Math.min(total(), nanos * rate / NANOS + 2);
        // The estimate is at least one too high; the rounded times of due() decide.
        while (estimate > 0 && due(estimate - 1) > nanos) {
            estimate--;
        }
        return estimate;
    }

    private int count(int afterSeconds) {
        return (int) Math.ceil(afterSeconds * rate);
    }
}
