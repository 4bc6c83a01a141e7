package dev.confab.demo.bench;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** One run over one transport: opens the readers, publishes on schedule, waits until all is delivered, counts. For one thread. */
final class Trial {
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(60);
    /** Connections that may be opened at once: fewer than a listener's backlog. */
    private static final int OPENING = 100;

    /** The first connections bring classes, threads and pools that all others share. */
    private static final int FIRST = 50;

    /** Between the last connection and the first message. */
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** After the last message was due: as long as something comes, but no longer than this. */
    private static final long MAX_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** More than a short poll's second. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** Seconds: less is not shown. */
    private static final double CRUMB = 0.25;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Wire wire;
    private final Servers servers;
    private final Load load;
    private final Schedule schedule;
    private final Progress progress;
    private final List<String> rooms;
    private final List<Tally> tallies = new ArrayList<>();
    private final List<Inbox> inboxes = new ArrayList<>();
    private final List<Result.Second> seconds = new ArrayList<>();
    private final Histogram latency = new Histogram(Result.DIGITS);

    private Trial(Wire wire, Servers servers, Load load, Progress progress) {
        this.wire = wire;
        this.servers = servers;
        this.load = load;
        this.schedule = load.schedule();
        this.progress = progress;
        // A log that is used before and after, and by others meanwhile, has nothing in these.
        String run = Long.toString(new SecureRandom().nextLong() >>> 1, 36);
        this.rooms = IntStream.range(0, load.rooms())
                .mapToObj(i -> "bench-" + run + "-" + i)
                .toList();
    }

    /** @throws BenchException when it cannot go on */
    static Result run(Wire wire, Servers servers, Load load, Progress progress) throws InterruptedException {
        return new Trial(wire, servers, load, progress).run();
    }

    private Result run() throws InterruptedException {
        Idle idle = load.idle() == 0 ? Idle.UNKNOWN : idle();
        Publisher publisher;
        Measured measured;
        try (Loops loops = new Loops()) {
            loops.reading().forEach(loop -> tallies.add(new Tally(schedule.first())));
            open(loops, load.subscribers(), inboxes);
            publisher = publisher(loops);
            measured = measure(loops, publisher);
        }
        return result(publisher, measured, idle);
    }

    /** What idle connections cost, one of them; measured with connections of their own. */
    private Idle idle() throws InterruptedException {
        if (servers.cpu().isEmpty() && servers.resident().isEmpty()) {
            return Idle.UNKNOWN;
        }
        hold(Math.min(FIRST, load.idle()), () -> {});
        OptionalLong heap = servers.liveHeap();
        OptionalLong resident = servers.resident();
        progress.say("  " + wire.label() + ": " + Figures.whole(load.idle()) + " idle connections");
        OptionalLong[] then = new OptionalLong[2];
        hold(load.idle(), () -> {
            then[0] = servers.resident();
            then[1] = servers.liveHeap();
        });
        return new Idle(each(heap, then[1]), each(resident, then[0]));
    }

    /** Opens connections, does something, and closes them. */
    private void hold(int connections, Action action) throws InterruptedException {
        try (Loops loops = new Loops()) {
            loops.reading().forEach(loop -> tallies.add(new Tally(0)));
            open(loops, connections, new ArrayList<>());
            action.run();
        } finally {
            tallies.clear();
        }
    }

    private interface Action {
        void run() throws InterruptedException;
    }

    private OptionalDouble each(OptionalLong before, OptionalLong after) {
        return before.isEmpty() || after.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) (after.getAsLong() - before.getAsLong()) / load.idle());
    }

    /** Opens readers and waits until each has its place in the log. */
    private void open(Loops loops, int count, List<Inbox> into) throws InterruptedException {
        Semaphore opening = new Semaphore(OPENING);
        List<CompletableFuture<Void>> ready = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int loop = i % loops.reading().size();
            int room = i % rooms.size();
            // By rooms first, or with as many nodes as rooms each room would be read at one node only.
            Address server = server(i / rooms.size() + room);
            Inbox inbox = new Inbox(tallies.get(loop), room, rooms.size(), rooms.get(room));
            into.add(inbox);
            if (!opening.tryAcquire(OPEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new BenchException(wire.label() + ": " + server + ": no answer");
            }
            ChannelHandler handler = handler(inbox, server, rooms.get(room), (double) i / count);
            loops.connect(loops.reading().get(loop), server, handler).whenComplete((channel, failure) -> {
                if (failure != null) {
                    inbox.lose(Loops.reason(failure));
                }
            });
            ready.add(inbox.ready().whenComplete((done, failure) -> opening.release()));
        }
        await(CompletableFuture.allOf(ready.toArray(CompletableFuture<?>[]::new)), wire.label());
    }

    private Address server(int n) {
        return servers.addresses().get(n % servers.addresses().size());
    }

    private ChannelHandler handler(Inbox inbox, Address server, String room, double phase) {
        return switch (wire) {
            case WEBSOCKET -> new WebSocketReader(inbox, server, room);
            case SSE -> new EventReader(inbox, server, room);
            case LONGPOLL -> new PollReader(inbox, server, room, true, phase);
            case SHORTPOLL -> new PollReader(inbox, server, room, false, phase);
        };
    }

    private Publisher publisher(Loops loops) throws InterruptedException {
        EventLoop loop = loops.publishing();
        int[] readers = new int[rooms.size()];
        inboxes.forEach(inbox -> readers[inbox.room()]++);
        Publisher publisher = new Publisher(loop, schedule, load.payload(), rooms, readers, server(0));
        List<CompletableFuture<Channel>> connections = IntStream.range(0, load.publishers())
                .mapToObj(i -> loops.connect(loop, server(i), publisher.line()))
                .toList();
        await(CompletableFuture.allOf(connections.toArray(CompletableFuture<?>[]::new)), "publishing");
        return publisher;
    }

    private static void await(CompletableFuture<?> future, String what) throws InterruptedException {
        try {
            future.get(OPEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new BenchException(what + ": " + Loops.reason(e), e);
        } catch (TimeoutException e) {
            throw new BenchException(
                    what + ": not all connections were answered in " + OPEN_TIMEOUT.toSeconds() + " s");
        }
    }

    private Measured measure(Loops loops, Publisher publisher) throws InterruptedException {
        long start = System.nanoTime() + LEAD_NANOS;
        publisher.startAt(start);
        Thread publishing = new Thread(publisher::run, "bench-publisher");
        publishing.setDaemon(true);
        publishing.start();
        try {
            long from = start + schedule.measuredFrom();
            sleepUntil(from);
            Snapshot before = new Snapshot(loops);
            for (int second = 1; second <= load.seconds(); second++) {
                sleepUntil(from + second * SECOND);
                progress.second(wire, second, load.seconds(), sample(from));
            }
            double perSecond =
                    (sum(Tally::deliveries) - before.deliveries) * (double) SECOND / (System.nanoTime() - from);
            drain(publisher, start + schedule.end(), from);
            return new Measured(
                    perSecond,
                    before,
                    new Snapshot(loops),
                    inboxes.stream().filter(Inbox::isLost).count());
        } finally {
            publishing.interrupt();
        }
    }

    private void drain(Publisher publisher, long end, long from) throws InterruptedException {
        long seen = -1;
        long changedAt = System.nanoTime();
        long sampledAt = changedAt;
        while (!isDelivered(publisher)) {
            long now = System.nanoTime();
            long state = sum(Tally::deliveries) + publisher.answered();
            if (state != seen) {
                seen = state;
                changedAt = now;
            }
            if (now - changedAt > QUIET_NANOS || now - end > MAX_DRAIN_NANOS) {
                break;
            }
            if (now - sampledAt > SECOND) {
                sampledAt = now;
                sample(from);
            }
            sleepUntil(now + LOOK_NANOS);
        }
        sample(from);
    }

    private boolean isDelivered(Publisher publisher) {
        return publisher.isDone() && sum(Tally::deliveries) >= publisher.expected();
    }

    /** Takes what came since the last time. */
    private Result.Second sample(long from) {
        Histogram interval = new Histogram(Result.DIGITS);
        tallies.forEach(tally -> interval.add(tally.latency.getIntervalHistogram()));
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
        // What comes right after the end makes no second of its own.
        if (length > CRUMB) {
            seconds.add(second);
        }
        return second;
    }

    private static void sleepUntil(long nanoTime) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.max(0, nanoTime - System.nanoTime()));
    }

    private long sum(ToLongFunction<Tally> figure) {
        return tallies.stream().mapToLong(figure).sum();
    }

    private Result result(Publisher publisher, Measured measured, Idle idle) {
        long expected = 0;
        long lost = 0;
        for (Inbox inbox : inboxes) {
            lost += inbox.missing(publisher.acknowledged(inbox.room()));
            expected += measuredIn(publisher, inbox.room());
        }
        return new Result(
                wire,
                load,
                publisher.sent(),
                publisher.accepted(),
                publisher.refused(),
                publisher.heldBack(),
                expected,
                sum(Tally::measured),
                lost,
                inboxes.stream().mapToLong(Inbox::doubled).sum(),
                inboxes.stream().mapToLong(Inbox::outOfOrder).sum(),
                measured.connectionsLost(),
                measured.perSecond(),
                latency,
                publisher.latency(),
                publisher.sendLag(),
                List.copyOf(seconds),
                measured.use(idle));
    }

    /** How many measured messages of a room were acknowledged. */
    private long measuredIn(Publisher publisher, int room) {
        // Message n is the (n / rooms)th of its room.
        int first = (schedule.first() - room + rooms.size() - 1) / rooms.size();
        BitSet acknowledged = publisher.acknowledged(room);
        return acknowledged.get(first, Math.max(first, acknowledged.length())).cardinality();
    }

    /** Of one connection. */
    private record Idle(OptionalDouble heap, OptionalDouble resident) {
        static final Idle UNKNOWN = new Idle(OptionalDouble.empty(), OptionalDouble.empty());
    }

    /** Counters at one moment. */
    private final class Snapshot {
        private final long at = System.nanoTime();
        private final long deliveries = sum(Tally::deliveries);
        private final long received = sum(Tally::bytesReceived);
        private final long sent = sum(Tally::bytesSent);
        private final OptionalLong server = servers.cpu();
        private final double busyCores = Machine.busyCores();
        private final long client = ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
        private final long[] threads;

        Snapshot(Loops loops) {
            threads = loops.cpu();
        }
    }

    private record Measured(double perSecond, Snapshot before, Snapshot after, long connectionsLost) {
        Result.Use use(Idle idle) {
            double nanos = after.at - before.at;
            double deliveries = Math.max(1, after.deliveries - before.deliveries);
            boolean known = before.server.isPresent() && after.server.isPresent();
            double server = known ? after.server.getAsLong() - before.server.getAsLong() : Double.NaN;
            double client = (after.client - before.client) / nanos;
            double busiest = IntStream.range(0, after.threads.length)
                    .mapToDouble(i -> (after.threads[i] - before.threads[i]) / nanos)
                    .max()
                    .orElse(0);
            return new Result.Use(
                    known ? OptionalDouble.of(server / 1_000 / deliveries) : OptionalDouble.empty(),
                    known ? OptionalDouble.of(server / nanos) : OptionalDouble.empty(),
                    client,
                    // Unknown when one of them is.
                    Math.max(0, after.busyCores - client - server / nanos),
                    busiest,
                    (after.received - before.received) / deliveries,
                    (after.sent - before.sent) / deliveries,
                    idle.heap(),
                    idle.resident());
        }
    }
}
