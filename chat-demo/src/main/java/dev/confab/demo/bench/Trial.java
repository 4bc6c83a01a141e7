package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * One run over one transport: opens the readers, publishes on schedule, waits until all messages are delivered, and
 * counts. For one thread.
 */
final class Trial {
    /** The time between the last connection and the first message. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** The maximum time to wait for deliveries after the last message was due. */
    private static final long MAX_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(30);
    /**
     * The time without a delivery or response after which the wait ends: longer than the interval of a short poll, a
     * second.
     */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** The minimum length of an interval in seconds; a shorter interval is not shown. */
    private static final double CRUMB = 0.25;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Transport transport;
    private final Servers servers;
    private final IdleMemory idle;
    private final Load load;
    private final Schedule schedule;
    private final Progress progress;
    private final List<String> rooms;
    private final List<Result.Second> seconds = new ArrayList<>();
    private final Histogram latency = new Histogram(Result.DIGITS);

    private Trial(Transport transport, Servers servers, IdleMemory idle, Load load, Progress progress) {
        this.transport = transport;
        this.servers = servers;
        this.idle = idle;
        this.load = load;
        this.schedule = load.schedule();
        this.progress = progress;
        this.rooms = Crowd.newRooms(load.rooms());
    }

    /**
     * Measures a transport.
     *
     * @param idle is part of the result
     * @throws BenchException when the run cannot continue
     */
    static Result run(Transport transport, Servers servers, IdleMemory idle, Load load, Progress progress)
            throws InterruptedException {
        return new Trial(transport, servers, idle, load, progress).run();
    }

    private Result run() throws InterruptedException {
        Crowd crowd;
        Publisher publisher;
        Measured measured;
        try (Loops loops = new Loops()) {
            crowd = new Crowd(loops, servers.addresses(), rooms, load.heads(), schedule.first());
            crowd.open(transport, load.subscribers(), null);
            publisher = crowd.publisher(schedule, load.payload(), load.publishers());
            measured = measure(loops, crowd, publisher);
        }
        return result(crowd, publisher, measured);
    }

    private Measured measure(Loops loops, Crowd crowd, Publisher publisher) throws InterruptedException {
        long start = System.nanoTime() + LEAD_NANOS;
        publisher.startAt(start);
        Thread publishing = new Thread(publisher::run, "bench-publisher");
        publishing.setDaemon(true);
        publishing.start();
        StallWatch watch = null;
        try {
            long from = start + schedule.measuredFrom();
            sleepUntil(from);
            watch = StallWatch.start(from, System::nanoTime);
            Snapshot before = new Snapshot(loops, crowd);
            for (int second = 1; second <= load.seconds(); second++) {
                sleepUntil(from + second * SECOND);
                progress.second(transport, second, load.seconds(), sample(crowd, from));
            }
            double perSecond =
                    (crowd.sum(Tally::deliveries) - before.deliveries) * (double) SECOND / (System.nanoTime() - from);
            drain(crowd, publisher, start + schedule.end(), from);
            return new Measured(
                    perSecond,
                    before,
                    new Snapshot(loops, crowd),
                    watch.end(),
                    crowd.inboxes().stream().filter(Inbox::isLost).count());
        } finally {
            publishing.interrupt();
            if (watch != null) {
                watch.cancel();
            }
        }
    }

    private void drain(Crowd crowd, Publisher publisher, long end, long from) throws InterruptedException {
        long seen = -1;
        long changedAt = System.nanoTime();
        long sampledAt = changedAt;
        while (!crowd.hasAll(publisher)) {
            long now = System.nanoTime();
            long state = crowd.sum(Tally::deliveries) + publisher.answered();
            if (state != seen) {
                seen = state;
                changedAt = now;
            }
            if (now - changedAt > QUIET_NANOS || now - end > MAX_DRAIN_NANOS) {
                break;
            }
            if (now - sampledAt > SECOND) {
                sampledAt = now;
                sample(crowd, from);
            }
            sleepUntil(now + LOOK_NANOS);
        }
        sample(crowd, from);
    }

    /** Takes the figures of the deliveries since the previous call. */
    private Result.Second sample(Crowd crowd, long from) {
        Histogram interval = new Histogram(Result.DIGITS);
        crowd.tallies().forEach(tally -> interval.add(tally.latency.getIntervalHistogram()));
        latency.add(interval);
        double end = (double) (System.nanoTime() - from) / SECOND;
        double length = Math.max(
                end - (seconds.isEmpty() ? 0 : seconds.get(seconds.size() - 1).end()), CRUMB);
        Result.Second second = new Result.Second(
                end,
                interval.getTotalCount() / length,
                Result.millis(interval, 50),
                Result.millis(interval, 99),
                Result.millis(interval, 100));
        // Deliveries right after the end do not count as a separate second.
        if (length > CRUMB) {
            seconds.add(second);
        }
        return second;
    }

    private static void sleepUntil(long nanoTime) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.max(0, nanoTime - System.nanoTime()));
    }

    private Result result(Crowd crowd, Publisher publisher, Measured measured) {
        long expected = 0;
        long lost = 0;
        for (Inbox inbox : crowd.inboxes()) {
            lost += inbox.missing(publisher.acknowledged(inbox.room()));
            expected += measuredIn(publisher, inbox.room());
        }
        return new Result(
                transport,
                load,
                publisher.sent(),
                publisher.accepted(),
                publisher.refused(),
                publisher.heldBack(),
                expected,
                crowd.sum(Tally::measured),
                lost,
                crowd.inboxes().stream().mapToLong(Inbox::doubled).sum(),
                crowd.inboxes().stream().mapToLong(Inbox::outOfOrder).sum(),
                measured.connectionsLost(),
                measured.perSecond(),
                latency,
                publisher.latency(),
                publisher.sendLag(),
                List.copyOf(seconds),
                measured.use(idle),
                measured.stalls());
    }

    /** Returns the number of measured messages of a room that were acknowledged. */
    private long measuredIn(Publisher publisher, int room) {
        // Message n is the (n / rooms)th of its room.
        int first = (schedule.first() - room + rooms.size() - 1) / rooms.size();
        BitSet acknowledged = publisher.acknowledged(room);
        return acknowledged.get(first, Math.max(first, acknowledged.length())).cardinality();
    }

    /** The counters at one moment. */
    private final class Snapshot {
        private final long at = System.nanoTime();
        private final long deliveries;
        private final long received;
        private final long sent;
        private final OptionalLong server = servers.cpu();
        private final double busyCores = Machine.busyCores();
        private final ProcessorTime processors = ProcessorTime.now();
        private final long client = ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
        private final long[] threads;

        Snapshot(Loops loops, Crowd crowd) {
            deliveries = crowd.sum(Tally::deliveries);
            received = crowd.sum(Tally::bytesReceived);
            sent = crowd.sum(Tally::bytesSent);
            threads = loops.cpu();
        }
    }

    private record Measured(double perSecond, Snapshot before, Snapshot after, Histogram late, long connectionsLost) {
        Stalls stalls() {
            return new Stalls(late, after.processors.stolenShare(before.processors));
        }

        Result.Use use(IdleMemory idle) {
            double nanos = after.at - before.at;
            double deliveries = Math.max(1, after.deliveries - before.deliveries);
            double server = Servers.difference(before.server, after.server);
            double client = (after.client - before.client) / nanos;
            double busiest = IntStream.range(0, after.threads.length)
                    .mapToDouble(i -> (after.threads[i] - before.threads[i]) / nanos)
                    .max()
                    .orElse(0);
            return new Result.Use(
                    server / 1_000 / deliveries,
                    server / nanos,
                    client,
                    // NaN when one of the terms is NaN.
                    Math.max(0, after.busyCores - client - server / nanos),
                    busiest,
                    (after.received - before.received) / deliveries,
                    (after.sent - before.sent) / deliveries,
                    idle);
        }
    }
}
