package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * The result of a trial.
 *
 * @param load the requested load
 * @param sent the number of publishes, including the warm-up
 * @param acknowledged the number of publishes that the server acknowledged as stored, including the warm-up
 * @param refused the number of publishes with another response or none, including the warm-up
 * @param heldBack how often publishes had to wait because too many responses were outstanding
 * @param expected the deliveries that the measured messages require: acknowledged messages times their readers
 * @param delivered the number of deliveries of measured messages
 * @param lost the number of deliveries of acknowledged messages that are missing, including the warm-up
 * @param doubled the number of repeated deliveries, including the warm-up
 * @param outOfOrder the number of messages delivered after a message with a greater id, including the warm-up
 * @param connectionsLost the number of readers whose connection ended
 * @param deliveriesPerSecond deliveries a second during the measured time, including late deliveries of earlier
 *     messages
 * @param latency microseconds from when a message was due until it was delivered
 * @param publishLatency microseconds from when a message was due until it was acknowledged
 * @param sendLag microseconds from when a message was due until the client wrote it
 * @param seconds the course of the run, from the start of the measurement
 * @param use the resources that the run used
 * @param stalls how often the machine stood still
 */
record Result(
        Transport transport,
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
        Use use,
        Stalls stalls) {
    /** The significant digits of latencies. */
    static final int DIGITS = 3;

    /**
     * One second of a run.
     *
     * @param end seconds since the start of the measurement
     * @param deliveries deliveries a second
     * @param p50 median latency in milliseconds of the messages delivered in this second; NaN without deliveries
     * @param p99 99th percentile, otherwise as {@code p50}
     * @param max maximum, otherwise as {@code p50}
     */
    record Second(double end, double deliveries, double p50, double p99, double max) {
        Second after(double start) {
            return new Second(start + end, deliveries, p50, p99, max);
        }
    }

    /**
     * The resources that a run used during the measured time. A figure that is not available is NaN.
     *
     * @param serverMicros processor time of the servers in microseconds for each delivery
     * @param serverCores processors that the servers kept busy
     * @param clientCores processors that this process kept busy
     * @param otherCores processors that other processes kept busy on this machine
     * @param busiestThread how much of the time the client's busiest thread ran, 0 to 1
     * @param received bytes that reached a reader's socket for each delivery
     * @param sent bytes that readers sent for each delivery
     * @param idle the memory of an idle connection, the same for all rounds of a transport
     */
    record Use(
            double serverMicros,
            double serverCores,
            double clientCores,
            double otherCores,
            double busiestThread,
            double received,
            double sent,
            IdleMemory idle) {}

    double millis(double percentile) {
        return millis(latency, percentile);
    }

    /** Returns the latency at a percentile in milliseconds; NaN when the histogram is empty. */
    static double millis(Histogram micros, double percentile) {
        return micros.getTotalCount() == 0 ? Double.NaN : micros.getValueAtPercentile(percentile) / 1_000.0;
    }

    double bytesOnTheWire() {
        return use.received() + use.sent();
    }

    /** Whether each reader received each acknowledged message once and in order. */
    boolean isWhole() {
        return lost == 0 && doubled == 0 && outOfOrder == 0;
    }
}
