package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.Main;
import dev.confab.demo.Transport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs a separate server for ten minutes at half of the highest rate, which is searched for first. Readers use all
 * transports; some reconnect all the time, and some read nothing. Checks that no message is lost and that no figure
 * grows beyond its bound. Runs in the profile {@code soak} only.
 *
 * <p>System properties: {@code soak.seconds} (default: 600), and {@code soak.rate} in messages per second, which
 * replaces the search.
 */
final class SoakCheck {
    private static final List<Transport> WIRES = List.of(Transport.WEBSOCKET, Transport.SSE, Transport.LONGPOLL);
    /** The number of steady readers of each transport. */
    private static final int STEADY = 100;

    private static final int WANDERERS = 30;
    /** The number of silent readers of each transport. */
    private static final int SILENT = 5;

    private static final int PAYLOAD = 100;
    private static final int PUBLISHERS = 16;

    // The log is bounded and filled before the run, so that the log itself does not grow during the run. Older messages
    // are removed.
    private static final String KEPT = "10000";
    private static final int FILLING = 80_000;
    private static final double FILLING_RATE = 10_000;

    private static final double LEAST_RATE = 25;
    private static final int STEP_SECONDS = 5;
    /** The warm-up before each step and the soak, in which the server fills the sockets of the silent readers. */
    private static final int WARM_UP_SECONDS = 3;

    /** The highest permitted 99th percentile of the latency, in milliseconds. A rate that exceeds it is too high. */
    private static final double LIMIT = 500;

    private static final int BISECTIONS = 2;

    /** The time before the first sample, in which the server warms up. In shorter runs it is a third of the run. */
    private static final int STEADY_FROM_SECONDS = 120;

    private static final int SAMPLES = 50;

    /** The interval at which the server removes old messages. The heap grows until then, and shrinks. */
    private static final double RETENTION_SECONDS = 60;

    /** The shortest run in which two samples are a minute apart. */
    private static final int MIN_SECONDS = 100;

    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final double MIB = 1 << 20;

    /** The permitted growth of each figure between the end of the second minute and the end of the run. */
    private static final Map<String, Double> BOUNDS = bounds();

    private static Map<String, Double> bounds() {
        Map<String, Double> bounds = new LinkedHashMap<>();
        bounds.put("heap after GC, MiB", 8.0);
        bounds.put("RSS, MiB", 32.0);
        bounds.put("direct memory, MiB", 16.0);
        bounds.put("threads", 1.0);
        bounds.put("open files", 16.0);
        return bounds;
    }

    private final int seconds = Integer.getInteger("soak.seconds", 600);

    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void nothingIsLostAndNothingGrows() throws Exception {
        assertThat(seconds).as("soak.seconds").isGreaterThanOrEqualTo(MIN_SECONDS);
        // The whole heap is allocated from the start. Otherwise RSS would grow until the heap reaches its maximum size.
        List<String> java = List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch", "-XX:NativeMemoryTracking=summary");
        try (ServerChild server = ServerChild.start(Main.class, "memory", java, "--keep-count", KEPT)) {
            String filled = fill(server.address());
            double rate = Double.parseDouble(System.getProperty("soak.rate", "0"));
            if (rate == 0) {
                double highest = highestRate(server, filled);
                say(
                        "highest rate found: %.0f messages a second to %,d readers, %,.0f deliveries a second",
                        highest, readers(), highest * readers());
                rate = highest / 2;
                // Each tried rate had its own room, whose messages stay in the store after they leave the tail. The
                // tail is filled again now, because the heap would otherwise seem to grow while those messages leave.
                filled = fill(server.address());
            }
            say(
                    "%,d s at %.1f messages a second to %,d readers, %d of them wandering; %d more read nothing",
                    seconds, rate, readers(), WANDERERS, SILENT * WIRES.size());
            Map<String, Growth> growth = new LinkedHashMap<>();
            Outcome outcome = run(server, filled, rate, seconds, growth);
            say("%s", outcome);
            List<String> failures = new ArrayList<>(outcome.failures());
            growth.forEach((name, figure) -> {
                double grown = figure.overAll();
                boolean isFine = grown <= BOUNDS.get(name);
                say("%s: grew by %.1f (bound: %.0f)", name, grown, BOUNDS.get(name));
                if (!isFine) {
                    failures.add(String.format(Locale.ROOT, "%s grew by %.1f", name, grown));
                }
            });
            say(failures.isEmpty() ? "PASSED" : "FAILED: " + String.join("; ", failures));
            assertThat(failures).isEmpty();
        }
    }

    private static int readers() {
        return STEADY * WIRES.size() + WANDERERS;
    }

    /** Publishes messages to a new room until the messages kept in memory reach their bound. Returns the room. */
    private static String fill(Address server) throws InterruptedException {
        List<String> rooms = Crowd.newRooms(1);
        try (Loops loops = new Loops()) {
            Schedule schedule = new Schedule(FILLING_RATE, 0, (int) (FILLING / FILLING_RATE));
            Crowd crowd = new Crowd(loops, List.of(server), rooms, 0);
            Publisher publisher = crowd.publisher(schedule, PAYLOAD, PUBLISHERS);
            publisher.startAt(System.nanoTime());
            publisher.run();
            long end = System.nanoTime() + DRAIN_NANOS * 4;
            while (!publisher.isDone() && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            say("filled with %,d messages", publisher.accepted());
        }
        return rooms.get(0);
    }

    private static double highestRate(ServerChild server, String filled) throws Exception {
        double passed = 0;
        double failed = LEAST_RATE;
        // A rate that fails is tried once more, because a single failure may be caused by a stall of the machine.
        int failures = 0;
        while (failures < 2) {
            if (passes(server, filled, failed)) {
                passed = failed;
                failed *= 2;
                failures = 0;
            } else {
                failures++;
            }
        }
        assertThat(passed).as("the lowest rate is too high").isPositive();
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (passed + failed) / 2;
            if (passes(server, filled, middle)) {
                passed = middle;
            } else {
                failed = middle;
            }
        }
        return passed;
    }

    private static boolean passes(ServerChild server, String filled, double rate) throws Exception {
        Outcome outcome = run(server, filled, rate, STEP_SECONDS, null);
        boolean passes = outcome.p99 <= LIMIT && outcome.failures().isEmpty();
        say("  %.0f messages a second: p99 %.0f ms%s", rate, outcome.p99, passes ? "" : ", too many");
        return passes;
    }

    private static Outcome run(
            ServerChild server, String filled, double rate, int seconds, @Nullable Map<String, Growth> growth)
            throws Exception {
        Address address = server.address();
        List<String> rooms = Crowd.newRooms(1);
        Schedule schedule = new Schedule(rate, WARM_UP_SECONDS, seconds);
        Crowd crowd;
        Publisher publisher;
        long connectionsLost;
        List<Inbox> steady = new ArrayList<>();
        try (Loops loops = new Loops()) {
            crowd = new Crowd(loops, List.of(address), rooms, schedule.first());
            for (Transport transport : WIRES) {
                steady.addAll(crowd.open(transport, STEADY, null));
                for (int i = 0; i < SILENT; i++) {
                    String query = "room=" + filled + "&room=" + rooms.get(0);
                    new SilentReader(loops, loops.reading().get(0), address, transport, query).start();
                }
            }
            Crowd all = crowd;
            List<Wanderer> wanderers = IntStream.range(0, WANDERERS)
                    .mapToObj(i -> new Wanderer(all, address, i))
                    .toList();
            publisher = crowd.publisher(schedule, PAYLOAD, PUBLISHERS);
            for (int i = 0; i < WANDERERS; i++) {
                wanderers.get(i).start(1_000 * Wanderer.SECONDS_BETWEEN * (i + 1) / WANDERERS);
            }
            long start = System.nanoTime();
            publisher.startAt(start);
            Thread publishing = new Thread(publisher::run, "soak-publisher");
            publishing.setDaemon(true);
            publishing.start();
            watch(server, crowd, start + schedule.measuredFrom(), seconds, growth);
            publishing.join();
            wanderers.forEach(Wanderer::stay);
            long end = System.nanoTime() + DRAIN_NANOS;
            while (!crowd.hasAll(publisher) && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            connectionsLost = steady.stream().filter(Inbox::isLost).count();
        }
        return Outcome.of(crowd, publisher, connectionsLost);
    }

    /** Waits until the end of the run. Takes samples unless {@code growth} is null. */
    private static void watch(
            ServerChild server, Crowd crowd, long start, int seconds, @Nullable Map<String, Growth> growth)
            throws Exception {
        if (growth == null) {
            sleepUntil(start + TimeUnit.SECONDS.toNanos(seconds));
            return;
        }
        double from = Math.min(STEADY_FROM_SECONDS, seconds / 3.0);
        for (int i = 0; i < SAMPLES; i++) {
            sleepUntil(start + (long) ((from + (seconds - from) * i / SAMPLES) * 1e9));
            double time = (System.nanoTime() - start) / 1e9;
            // In a short run a sample may take longer than the interval between two samples.
            if (time > seconds) {
                return;
            }
            Map<String, Double> sample = sample(server);
            sample.forEach((name, value) -> growth.computeIfAbsent(name, key -> new Growth(RETENTION_SECONDS))
                    .add(time, value));
            say("  %.0f s: %,d deliveries; %s", time, crowd.sum(Tally::deliveries), sample);
        }
        sleepUntil(start + TimeUnit.SECONDS.toNanos(seconds));
    }

    private static void sleepUntil(long nanoTime) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanoTime - System.nanoTime());
    }

    /** Takes a sample of all figures, except those that the system does not provide. */
    private static Map<String, Double> sample(ServerChild server) throws InterruptedException, IOException {
        List<OptionalLong> told = List.of(
                server.liveHeap(),
                server.resident(),
                server.direct(),
                OptionalLong.of(server.threads()),
                OptionalLong.of(server.openFiles()));
        Map<String, Double> sample = new LinkedHashMap<>();
        int i = 0;
        for (String name : BOUNDS.keySet()) {
            OptionalLong value = told.get(i++);
            if (value.isPresent()) {
                double unit = name.endsWith("MiB") ? MIB : 1;
                sample.put(name, Math.rint(value.getAsLong() / unit * 10) / 10);
            }
        }
        return sample;
    }

    private static void say(String format, Object... arguments) {
        System.out.println("soak: " + String.format(Locale.ROOT, format, arguments));
    }

    private record Outcome(
            long sent,
            long refused,
            long deliveries,
            long lost,
            long doubled,
            long outOfOrder,
            long connectionsLost,
            double p50,
            double p99,
            double max) {
        static Outcome of(Crowd crowd, Publisher publisher, long connectionsLost) {
            Histogram latency = new Histogram(Result.DIGITS);
            crowd.tallies().forEach(tally -> latency.add(tally.latency.getIntervalHistogram()));
            return new Outcome(
                    publisher.sent(),
                    publisher.refused(),
                    crowd.sum(Tally::deliveries),
                    crowd.inboxes().stream()
                            .mapToLong(inbox -> inbox.missing(publisher.acknowledged(inbox.room())))
                            .sum(),
                    crowd.inboxes().stream().mapToLong(Inbox::doubled).sum(),
                    crowd.inboxes().stream().mapToLong(Inbox::outOfOrder).sum(),
                    connectionsLost,
                    Result.millis(latency, 50),
                    Result.millis(latency, 99),
                    Result.millis(latency, 100));
        }

        List<String> failures() {
            Map<String, Long> figures = new LinkedHashMap<>();
            figures.put("refused", refused);
            figures.put("lost", lost);
            figures.put("doubled", doubled);
            figures.put("out of order", outOfOrder);
            figures.put("connections lost", connectionsLost);
            return figures.entrySet().stream()
                    .filter(figure -> figure.getValue() > 0)
                    .map(figure -> figure.getValue() + " " + figure.getKey())
                    .toList();
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d messages, %,d refused, %,d deliveries, lost %d, doubled %d, out of order %d, connections lost %d;"
                            + " p50 %.1f ms, p99 %.1f ms, max %.0f ms",
                    sent,
                    refused,
                    deliveries,
                    lost,
                    doubled,
                    outOfOrder,
                    connectionsLost,
                    p50,
                    p99,
                    max);
        }
    }
}
