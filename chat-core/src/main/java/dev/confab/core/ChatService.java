package dev.confab.core;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of a chat log: publishes to it and reads from it. Safe for any thread; no method blocks but {@link #close()}.
 *
 * <p>What is published gets its place in one order over all rooms, is committed, and only then is acknowledged and seen.
 * Readers hold a cursor; with it they resume anywhere and see every entry once, in order.
 *
 * <pre>{@code
 * try (var store = new InMemoryMessageStore(); var chat = new ChatService(store, ChatConfig.defaults())) {
 *     chat.subscribe(RoomSet.of(Room.LOBBY), Start.EARLIEST, executor, subscriber);
 *     chat.publish(Draft.of(Room.LOBBY, "hello")).join();
 * }
 * }</pre>
 */
public final class ChatService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChatService.class);

    private static final String HEALTH = "the check whether a publish would be stored";
    private static final Duration NODES_TIMEOUT = Duration.ofSeconds(1);

    private final MessageStore store;
    private final ChatConfig config;
    private final Tail tail;
    private final NodeLease nodeLease;
    private final Sequencer sequencer;
    private final Reads reads;
    private final Threads threads;
    private final Presence presence;
    private final Housekeeping housekeeping;
    private final FailureLog failures = new FailureLog(LOG);
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    /**
     * Starts a node; reads the log's last id from the store.
     *
     * @param store stays the caller's: close it after this
     * @throws StoreException when the store cannot be read
     */
    public ChatService(MessageStore store, ChatConfig config) {
        this(store, config, InstantSource.system());
    }

    /** @param clock tells the age of what is in memory; ids and retention go by the store's */
    public ChatService(MessageStore store, ChatConfig config, InstantSource clock) {
        this(store, config, clock, Threads.of(store, config));
    }

    ChatService(MessageStore store, ChatConfig config, InstantSource clock, Threads threads) {
        this.store = store;
        this.config = config;
        this.threads = threads;
        this.tail = new Tail(store.lastId(), config.tailBytes());
        LogFollower follower = new LogFollower(store, tail);
        this.nodeLease = new NodeLease(store, follower);
        this.sequencer = new Sequencer(store, follower, threads.append(), config, nodeLease::node, failures);
        this.reads = new Reads(store, tail, follower, threads.read(), failures);
        this.presence = new Presence(sequencer, threads.timer(), config.presenceGrace(), failures);
        this.housekeeping = new Housekeeping(
                store, threads.timer(), tail, follower, nodeLease, sequencer, reads, presence, failures);
        nodeLease.begin();
        housekeeping.start(config, clock);
        store.onCommitElsewhere(reads::refresh);
    }

    /**
     * Appends a message. Completes when it is durable, on a thread of the service (or the caller's): do not block it, use the
     * {@code …Async} forms with an executor of your own for anything longer.
     *
     * @return fails with a {@link ChatException}: {@code KEY_CONFLICT}, {@code REFUSED}, {@code OVERLOADED}, {@code DRAINING},
     *     {@code UNAVAILABLE} or {@code OUTCOME_UNKNOWN}
     */
    public CompletableFuture<Published> publish(Draft draft) {
        if (draft.type() != Message.Type.MESSAGE) {
            throw new IllegalArgumentException("type: " + draft.type() + " (expected: MESSAGE)");
        }
        return sequencer.submit(draft).thenApply(placement -> {
            Entry entry = placement.entry();
            if (entry == null) {
                throw new IllegalStateException("a message without an entry");
            }
            return new Published(entry, placement.isNew());
        });
    }

    /**
     * Subscribes: the subscriber is called on {@code executor} with all that is after {@code start}, for ever, until either side
     * closes.
     *
     * @return completes when the start is found; fails with a {@link ChatException} when the store cannot be read
     */
    public CompletableFuture<Subscription> subscribe(
            RoomSet rooms, Start start, Executor executor, Subscriber subscriber) {
        return locate(rooms, start).thenApply(position -> {
            Subscription subscription = new Subscription(
                    position,
                    executor,
                    subscriber,
                    wake -> feed(rooms, Runnable::run, wake),
                    housekeeping::later,
                    subscriptions::remove);
            subscriptions.add(subscription);
            subscription.start();
            if (closing) {
                subscription.end();
            }
            return subscription;
        });
    }

    /**
     * Finds where a reader begins: once, so that the answer does not move. Completes at once when memory can tell.
     *
     * @return its cursor, and a gap when {@code start} is a cursor after which something is missing
     */
    public CompletableFuture<Position> locate(RoomSet rooms, Start start) {
        return reads.locate(rooms, start);
    }

    /**
     * Has this node look into the {@link Outbox} now, instead of within a second: to be called when a transaction that enqueued
     * something has committed. Does nothing when the store has no outbox, or after {@link #close()}; never fails.
     */
    public void pollOutbox() {
        housekeeping.pollOutbox();
    }

    /** Who takes part, on this node. */
    public Presence presence() {
        return presence;
    }

    /** Who is in a room, on any node, sorted by nick; at most {@value MessageStore#MAX_PARTICIPANTS_SHOWN}. */
    public CompletableFuture<List<Participant>> participants(Room room) {
        return reads.run(() -> store.participants(room));
    }

    /** The ground of a fan-out: see {@link Feed}. */
    public Feed feed(RoomSet rooms, Executor executor, Runnable wake) {
        Feed feed = new Feed(rooms, executor, wake, tail, reads);
        tail.add(feed);
        return feed;
    }

    /** Returns a {@link Feed} that is never woken, for a reader that knows where it ends. It needs no {@link Feed#close}. */
    public Feed feed(RoomSet rooms, Executor executor) {
        return new Feed(rooms, executor, () -> {}, tail, reads);
    }

    /**
     * History: the entries of {@code rooms} nearest before an id, in id order.
     *
     * @param before {@link MessageId#MAX} for the newest
     * @return its {@code to} is the cursor that goes on after the page; of the newest page, the one to go on live with
     */
    public CompletableFuture<Batch> before(RoomSet rooms, MessageId before, Limit limit) {
        return reads.before(rooms, before, limit);
    }

    /** The newest id that readers of this node see. Never decreases. */
    public MessageId head() {
        return tail.head();
    }

    /** Whether it takes publishes. */
    public boolean isOpen() {
        return !closing;
    }

    /** Whether a publish would be stored now; completes with false when it would not. */
    public CompletableFuture<Boolean> isHealthy() {
        return health().thenApply(health -> health == Health.OK);
    }

    /** Asks the store whether a publish would be stored now, and if not, why; never fails. */
    public CompletableFuture<Health> health() {
        CompletableFuture<Health> asked = reads.run(this::checkAppends);
        return asked.exceptionally(failure -> Health.UNREACHABLE);
    }

    private Health checkAppends() {
        try {
            store.checkAppends();
            failures.succeeded(HEALTH);
            return Health.OK;
        } catch (StoreException e) {
            failures.failed(HEALTH, e);
            return e.health();
        }
    }

    /**
     * Asks a shared store whether another node serves the log at the moment, to which this node's readers can go. Never fails:
     * the answer is true when the store gives none within 1 s.
     */
    public CompletableFuture<Boolean> hasOtherNodes() {
        return store.isShared()
                ? reads.run(nodeLease::hasOtherNodes)
                        .completeOnTimeout(true, NODES_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                        .exceptionally(failure -> true)
                : CompletableFuture.completedFuture(false);
    }

    /**
     * Takes no more publishes, completes those that wait or fails them after {@link ChatConfig#drainTimeout()}, gives every
     * subscriber its last call, and ends the threads. Blocks meanwhile.
     */
    @Override
    public void close() {
        closing = true;
        sequencer.close(config.drainTimeout());
        if (store.isShared()) {
            nodeLease.end(config.presenceGrace(), threads.append());
        }
        subscriptions.forEach(Subscription::end);
        threads.close();
    }
}
