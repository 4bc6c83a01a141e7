package dev.confab.demo.bench;

import java.util.List;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What a trial found.
 *
 * @param load what was asked
 * @param sent publishes, with the warm-up
 * @param acknowledged of these, stored as the server said
 * @param refused of these, answered in another way or not at all
 * @param heldBack how often publishes had to wait because too many were unanswered
 * @param expected deliveries of measured messages: those acknowledged, times their readers
 * @param delivered of these, how many came
 * @param lost acknowledged but not delivered, with the warm-up
 * @param doubled delivered once more, with the warm-up
 * @param outOfOrder delivered behind a message with a greater id, with the warm-up
 * @param connectionsLost readers whose connection ended
 * @param deliveriesPerSecond what came in the measured time, whenever it was due
 * @param latency microseconds from when a message was due until it was delivered
 * @param publishLatency microseconds from when a message was due until it was acknowledged
 * @param sendLag microseconds from when a message was due until the client wrote it
 * @param seconds as the run went, from the start of the measuring
 * @param use what it took
 */
record Result(
        Wire wire,
        Load load,
        long sent,
        long acknowledged,
        long refused,
        long heldBack,
        long expected,
        long delivered,
        long lost,
        long doubled,
        long outOfOrder,
        long connectionsLost,
        double deliveriesPerSecond,
        Histogram latency,
        Histogram publishLatency,
        Histogram sendLag,
        List<Second> seconds,
        Use use) {
    /** Significant digits of latencies. */
    static final int DIGITS = 3;

    /**
     * One second of a run.
     *
     * @param end seconds since the start of the measuring
     * @param deliveries a second
     * @param p50 milliseconds, of what was delivered in it; NaN when nothing was
     * @param p99 as {@code p50}
     * @param max as {@code p50}
     */
    record Second(double end, double deliveries, double p50, double p99, double max) {}

    /**
     * What a run took, over the measured time.
     *
     * @param serverMicros processor time of the servers in microseconds for each delivery
     * @param serverCores processors that the servers kept busy
     * @param clientCores processors that this process kept busy
     * @param otherCores processors that other processes kept busy on this machine; NaN when it is not known
     * @param busiestThread how much of the time the client's busiest thread ran, 0 to 1
     * @param received bytes that reached a reader's socket for each delivery
     * @param sent bytes that readers sent for each delivery
     * @param idleHeap bytes on the server's heap for an idle connection
     * @param idleResident bytes by which the server grew for an idle connection
     */
    record Use(
            OptionalDouble serverMicros,
            OptionalDouble serverCores,
            double clientCores,
            double otherCores,
            double busiestThread,
            double received,
            double sent,
            OptionalDouble idleHeap,
            OptionalDouble idleResident) {}

    double millis(double percentile) {
        return millis(latency, percentile);
    }

    /** NaN when there is none. */
    static double millis(Histogram micros, double percentile) {
        return micros.getTotalCount() == 0 ? Double.NaN : micros.getValueAtPercentile(percentile) / 1_000.0;
    }

    double bytesOnTheWire() {
        return use.received() + use.sent();
    }

    /** Whether each reader got each acknowledged message, once and in order. */
    boolean isWhole() {
        return lost == 0 && doubled == 0 && outOfOrder == 0;
    }
}
