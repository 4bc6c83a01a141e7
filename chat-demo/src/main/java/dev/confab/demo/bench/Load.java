package dev.confab.demo.bench;

/**
 * The load that a trial puts on a server.
 *
 * @param subscribers connections that read, spread evenly over rooms and nodes
 * @param rooms the number of rooms; messages go to the rooms in turn
 * @param rate messages a second, over all rooms
 * @param payload bytes of a message's body
 * @param publishers connections that publish
 * @param heads the headers that readers send
 * @param warmUpSeconds the seconds before the measurement
 * @param seconds the seconds of the measurement
 * @param idle idle connections, opened first to measure the memory of a connection; 0 for none
 */
record Load(
        int subscribers,
        int rooms,
        double rate,
        int payload,
        int publishers,
        Heads heads,
        int warmUpSeconds,
        int seconds,
        int idle) {
    /**
     * The maximum number of deliveries: one bit is kept for each to find lost and doubled messages, which is 500 MB.
     */
    private static final double MAX_DELIVERIES = 4e9;

    /** The warm-up of a server that an earlier round has warmed up, at most. */
    private static final int LATER_WARM_UP_SECONDS = 1;

    Load {
        check("--subscribers", subscribers, 1, 50_000);
        check("--rooms", rooms, 1, subscribers);
        check("--payload", payload, Body.MIN_LENGTH, Body.MAX_LENGTH);
        check("--publishers", publishers, 1, 1_000);
        check("--warmup", warmUpSeconds, 0, 600);
        check("--duration", seconds, 1, 3_600);
        check("--idle", idle, 0, 50_000);
        if (!(rate >= 0.1 && rate <= 100_000)) {
            throw new IllegalArgumentException("--rate: " + rate + " (expected: 0.1 to 100000)");
        }
        double deliveries = rate * (warmUpSeconds + seconds) * subscribers / rooms;
        if (deliveries > MAX_DELIVERIES) {
            throw new IllegalArgumentException(String.format(
                    java.util.Locale.ROOT,
                    "--rate, --subscribers and --duration: %.0f deliveries (expected: at most %.0f)",
                    deliveries,
                    MAX_DELIVERIES));
        }
    }

    private static void check(String option, int value, int from, int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: " + from + " to " + to + ")");
        }
    }

    /** Returns the load for a server that is warm. */
    Load again() {
        return at(rate, Math.min(warmUpSeconds, LATER_WARM_UP_SECONDS), seconds);
    }

    Load at(double otherRate, int otherWarmUpSeconds, int otherSeconds) {
        return new Load(
                subscribers, rooms, otherRate, payload, publishers, heads, otherWarmUpSeconds, otherSeconds, idle);
    }

    Schedule schedule() {
        return new Schedule(rate, warmUpSeconds, seconds);
    }

    /** Returns the deliveries a second if every message is delivered in time. */
    double deliveriesPerSecond() {
        return rate * subscribers / rooms;
    }
}
