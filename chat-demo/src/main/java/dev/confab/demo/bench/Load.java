package dev.confab.demo.bench;

/**
 * What a trial asks of a server.
 *
 * @param subscribers connections that read, spread evenly over rooms and nodes
 * @param rooms each message goes to one, in turn
 * @param rate messages a second, over all rooms
 * @param payload bytes of a message's body
 * @param publishers connections that publish
 * @param warmUpSeconds before anything is measured
 * @param seconds that are measured
 * @param idle connections opened before all else, to see what one costs; 0 for none
 */
record Load(
        int subscribers,
        int rooms,
        double rate,
        int payload,
        int publishers,
        int warmUpSeconds,
        int seconds,
        int idle) {
    /** One bit is kept for each, to tell which was lost or doubled: 500 MB. */
    private static final double MAX_DELIVERIES = 4e9;

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

    Load at(double otherRate, int otherWarmUpSeconds, int otherSeconds) {
        return new Load(subscribers, rooms, otherRate, payload, publishers, otherWarmUpSeconds, otherSeconds, 0);
    }

    Schedule schedule() {
        return new Schedule(rate, warmUpSeconds, seconds);
    }

    /** What would be delivered if nothing were in the way. */
    double deliveriesPerSecond() {
        return rate * subscribers / rooms;
    }
}
