package dev.confab.demo.bench;

import dev.confab.demo.Transport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The readers of a run, spread evenly over loops, rooms and nodes. For one thread. */
final class Crowd {
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(60);
    /** The number of connections that may be in the process of opening: fewer than the backlog of a listener. */
    private static final int OPENING = 100;

    private final Loops loops;
    private final List<Address> servers;
    private final List<String> rooms;
    private final Heads heads;
    private final List<Tally> tallies;
    private final List<Inbox> inboxes = new ArrayList<>();

    /** Creates a crowd with plain heads. */
    Crowd(Loops loops, List<Address> servers, List<String> rooms, int firstMeasured) {
        this(loops, servers, rooms, Heads.PLAIN, firstMeasured);
    }

    /** @param firstMeasured the number of the first message that is measured */
    Crowd(Loops loops, List<Address> servers, List<String> rooms, Heads heads, int firstMeasured) {
        this.loops = loops;
        this.servers = servers;
        this.rooms = rooms;
        this.heads = heads;
        this.tallies =
                loops.reading().stream().map(loop -> new Tally(firstMeasured)).toList();
    }

    /**
     * Returns the names of new rooms. They are empty even if others have used the log before or use it during the run.
     */
    static List<String> newRooms(int count) {
        String run = Long.toString(new SecureRandom().nextLong() >>> 1, 36);
        return IntStream.range(0, count).mapToObj(i -> "bench-" + run + "-" + i).toList();
    }

    List<Tally> tallies() {
        return tallies;
    }

    /** Returns the inboxes of all readers, to which the event loops of the readers write. */
    List<Inbox> inboxes() {
        return inboxes;
    }

    long sum(ToLongFunction<Tally> figure) {
        return tallies.stream().mapToLong(figure).sum();
    }

    /**
     * Opens readers and waits until each has its position in the log.
     *
     * @param after an id, or a keyword for a position; null for messages that are published from now on
     */
    List<Inbox> open(Transport transport, int count, @Nullable String after) throws InterruptedException {
        Semaphore opening = new Semaphore(OPENING);
        List<Inbox> opened = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // The quotient spreads the readers of a room over the nodes. With the remainder alone and as many nodes as
            // rooms, each room would be read at only one node.
            Address server = server(i / rooms.size() + i % rooms.size());
            Inbox inbox = inbox();
            opened.add(inbox);
            if (!opening.tryAcquire(OPEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new BenchException(transport.label() + ": " + server + ": no response");
            }
            connect(transport, inbox, server, after, (double) i / count).whenComplete((channel, failure) -> {
                if (failure != null) {
                    inbox.lose(Loops.reason(failure));
                }
            });
            inbox.ready().whenComplete((done, failure) -> opening.release());
        }
        CompletableFuture<?>[] ready = opened.stream().map(Inbox::ready).toArray(CompletableFuture<?>[]::new);
        await(CompletableFuture.allOf(ready), transport.label());
        return opened;
    }

    /** Adds a reader without a connection. */
    Inbox inbox() {
        int number = inboxes.size();
        int room = number % rooms.size();
        Inbox inbox = new Inbox(tallies.get(number % tallies.size()), room, rooms.size(), rooms.get(room));
        inboxes.add(inbox);
        return inbox;
    }

    /** Returns the event loop of all connections of a reader. */
    EventLoop loop(Inbox inbox) {
        return loops.reading().get(tallies.indexOf(inbox.tally()));
    }

    /**
     * Connects a reader.
     *
     * @param after as for {@link #open}
     * @param phase for a short poll, the fraction of the second at which the reader polls, between 0 and 1
     */
    CompletableFuture<Channel> connect(
            Transport transport, Inbox inbox, Address server, @Nullable String after, double phase) {
        String room = rooms.get(inbox.room());
        String query = after == null ? room : room + "&after=" + after;
        String from = after == null ? "latest" : after;
        String headers = heads.of(transport, server);
        ChannelHandler reader = switch (transport) {
            case WEBSOCKET -> new WebSocketReader(inbox, server, headers, query);
            case SSE -> new EventReader(inbox, server, headers, query);
            case LONGPOLL -> new PollReader(inbox, server, headers, room, from, true, phase);
            case SHORTPOLL -> new PollReader(inbox, server, headers, room, from, false, phase);
        };
        return loops.connect(loop(inbox), server, reader);
    }

    /**
     * Returns a publisher, not yet started, that spreads its connections over all nodes. It expects deliveries to the
     * present readers.
     */
    Publisher publisher(Schedule schedule, int payload, int connections) throws InterruptedException {
        EventLoop loop = loops.publishing();
        int[] readers = new int[rooms.size()];
        inboxes.forEach(inbox -> readers[inbox.room()]++);
        Publisher publisher = new Publisher(loop, schedule, payload, rooms, readers, server(0));
        List<CompletableFuture<Channel>> opened = IntStream.range(0, connections)
                .mapToObj(i -> loops.connect(loop, server(i), publisher.line()))
                .toList();
        await(CompletableFuture.allOf(opened.toArray(CompletableFuture<?>[]::new)), "publishing");
        return publisher;
    }

    /** Whether every message got a response, and every acknowledged message reached all readers of its room. */
    boolean hasAll(Publisher publisher) {
        return publisher.isDone() && sum(Tally::deliveries) >= publisher.expected();
    }

    private Address server(int n) {
        return servers.get(n % servers.size());
    }

    private static void await(CompletableFuture<?> future, String what) throws InterruptedException {
        try {
            future.get(OPEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new BenchException(what + ": " + Loops.reason(e), e);
        } catch (TimeoutException e) {
            throw new BenchException(
                    what + ": not all connections got a response within " + OPEN_TIMEOUT.toSeconds() + " s");
        }
    }
}
