package dev.confab.core;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of a chat log: publishes messages to the log and reads from the log. Thread-safe. No method blocks except
 * {@link #close()}.
 *
 * <p>A message gets its place in one order over all rooms, and is committed. Only then is it acknowledged to the
 * publisher and delivered to readers. A reader holds a cursor: with the cursor it can resume on any node, and it sees
 * every entry once, in order.
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

    private static final Duration NODES_TIMEOUT = Duration.ofSeconds(1);

    private final MessageStore store;
    private final ChatConfig config;
    private final Tail tail;
    private final Revocations revocations = new Revocations();
    private final LogFollower follower;
    private final NodeLease nodeLease;
    private final Sequencer sequencer;
    private final Reads reads;
    private final Threads threads;
    private final Presence presence;
    private final OutboxWatch outbox;
    private final Events events;
    private final Housekeeping housekeeping;
    private final Signals signals;
    private final FailureLog failures = new FailureLog(LOG);
    private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    /**
     * Starts a node, and reads the log's last id from the store.
     *
     * @param store is owned by the caller, who closes it after this service
     * @throws StoreException when the store cannot be read
     */
    public ChatService(MessageStore store, ChatConfig config) {
        this(store, config, InstantSource.system());
    }

    /**
     * Starts a node with another clock.
     *
     * @param clock measures the age of the entries in memory; ids and retention use the store's clock
     */
    public ChatService(MessageStore store, ChatConfig config, InstantSource clock) {
        this(store, config, clock, Threads.of(store, config));
    }

    ChatService(MessageStore store, ChatConfig config, InstantSource clock, Threads threads) {
        this.store = store;
        this.config = config;
        this.threads = threads;
        this.tail = new Tail(store.lastId(), config.tailBytes());
        this.follower = new LogFollower(store, tail, revocations);
        this.nodeLease = new NodeLease(store, follower);
        this.sequencer = new Sequencer(store, follower, threads.append(), config, nodeLease::node, failures);
        this.reads = new Reads(store, tail, follower, threads.read(), threads.pages(), failures, config.listener());
        this.presence = new Presence(sequencer, threads.timer(), config, failures);
        this.outbox = new OutboxWatch(store, reads);
        this.events = new Events(config.listener());
        this.housekeeping = new Housekeeping(
                store, threads.timer(), tail, follower, nodeLease, sequencer, reads, presence, outbox, failures);
        // May fail, so it comes before the lease and the timers.
        this.signals = new Signals(store);
        nodeLease.begin();
        housekeeping.start(config, clock);
        store.onCommitElsewhere(reads::refresh);
    }

    /**
     * Appends a message. The future completes when the message is durable. It completes on a thread of the service or
     * of the caller. Do not block this thread. For longer work, use the future's {@code …Async} methods with your own
     * executor.
     *
     * @return a future that fails with a {@link ChatException}: {@code KEY_CONFLICT}, {@code REFUSED},
     *     {@code OVERLOADED}, {@code DRAINING}, {@code UNAVAILABLE} or {@code OUTCOME_UNKNOWN}
     * @throws ChatException {@code INVALID_ROOM}, for the room of the log's own messages
     */
    public CompletableFuture<Published> publish(Draft draft) {
        return publish(draft, null);
    }

    /**
     * Appends a message like {@link #publish(Draft)}. The reader that is this session does not get it.
     *
     * <p>This node alone knows the session: as long as it runs, and for its last 50,000 messages with a session. It
     * does not know the session of a message whose publish fails with {@code OUTCOME_UNKNOWN}. When the {@code key} was
     * used before, the message keeps the session of the first publish.
     *
     * @param session the name of the session, which the transport has given to its client; null for none
     */
    public CompletableFuture<Published> publish(Draft draft, @Nullable String session) {
        if (draft.type() != Message.Type.MESSAGE) {
            throw new IllegalArgumentException("type: " + draft.type() + " (expected: MESSAGE)");
        }
        draft.room().requirePublic();
        long start = System.nanoTime();
        return sequencer
                .submit(draft, session)
                .whenComplete((published, failure) -> report(published, failure, System.nanoTime() - start))
                .thenApply(Objects::requireNonNull);
    }

    private void report(@Nullable Published published, @Nullable Throwable failure, long nanos) {
        events.report(listener -> {
            if (published != null) {
                listener.published(published.isNew(), nanos);
            } else if (failure != null) {
                listener.publishFailed(ChatException.of(failure).reason(), nanos);
            }
        });
    }

    /**
     * Calls the listeners of {@link #onRevocation} on all nodes, because the access of {@code nick} was revoked. The
     * listeners of this node are called before the future completes, those of other nodes usually at once, and within
     * about 1 s when a notification was lost. The application itself makes sure that the nick's tokens are refused from
     * now on.
     *
     * @return a future that completes when the revocation is durable; it fails as {@link #publish} does
     */
    public CompletableFuture<Void> revoke(Nick nick) {
        return sequencer.submit(Draft.revocation(nick)).thenApply(published -> null);
    }

    /**
     * Calls {@code listener} with each nick whose access is revoked from now on, on this node or another. The listener
     * is called on a thread that appends to the log, so it must not block.
     */
    public void onRevocation(Consumer<Nick> listener) {
        revocations.add(listener);
    }

    /**
     * Subscribes to the rooms: calls the subscriber on {@code executor} with every entry after {@code start}, until the
     * subscription or the service is closed.
     *
     * @return a future that completes when the start is found; it fails with a {@link ChatException} when the store
     *     cannot be read
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
     * Finds the position at which a reader begins. A caller finds the position once and keeps it, because a later call
     * may find another position. The future completes at once when the position is known from memory.
     *
     * @return the reader's cursor, and a gap if {@code start} is a cursor after which entries are missing
     */
    public CompletableFuture<Position> locate(RoomSet rooms, Start start) {
        return reads.locate(rooms, start);
    }

    /**
     * Makes this node check the {@code Outbox} now instead of within a second. Call this after the commit of a
     * transaction that enqueued a message. Does nothing when the store has no outbox, or after {@link #close()}. Never
     * fails.
     */
    public void pollOutbox() {
        housekeeping.pollOutbox();
    }

    /**
     * Sends a signal to the listeners of all nodes. Best effort: it may be lost on the way to other nodes, or arrive
     * before or after a message that was published at the same time.
     */
    public void signal(Signal signal) {
        signals.send(signal);
    }

    /**
     * Adds a listener for the signals of all nodes.
     *
     * @param listener is called on the thread of the sender or of the store, and must not block
     */
    public void addSignalListener(Consumer<Signal> listener) {
        signals.add(listener);
    }

    /** Removes a listener. Does nothing when it was not added. */
    public void removeSignalListener(Consumer<Signal> listener) {
        signals.remove(listener);
    }

    /** Returns the presence of participants on this node. */
    public Presence presence() {
        return presence;
    }

    /**
     * Returns the participants of a room on all nodes, sorted by nick; at most
     * {@value MessageStore#MAX_PARTICIPANTS_SHOWN}.
     */
    public CompletableFuture<List<Participant>> participants(Room room) {
        return reads.run(() -> store.participants(room));
    }

    /** Returns a {@link Feed}, which is the basis for sending entries to many readers. Close it after use. */
    public Feed feed(RoomSet rooms, Executor executor, Runnable wake) {
        Feed feed = new Feed(rooms, executor, wake, tail, reads);
        tail.add(feed);
        return feed;
    }

    /**
     * Returns a {@link Feed} without a wake-up, for a reader that ends at a known position. It needs no
     * {@link Feed#close}.
     */
    public Feed feed(RoomSet rooms, Executor executor) {
        return new Feed(rooms, executor, () -> {}, tail, reads);
    }

    /**
     * Returns a page of history: the newest entries of {@code rooms} before an id, in id order.
     *
     * @param before an id; {@link MessageId#MAX} for the newest page
     * @return the page; a reader continues after the page with the cursor {@code to}, and after the newest page it
     *     continues live with this cursor
     */
    public CompletableFuture<Batch> before(RoomSet rooms, MessageId before, Limit limit) {
        return reads.before(rooms, before, limit);
    }

    /** Returns the newest id that readers of this node see. Never decreases. */
    public MessageId head() {
        return tail.head();
    }

    /** Returns whether the service accepts publishes. */
    public boolean isOpen() {
        return !closing;
    }

    /**
     * Returns the state of the service at this moment. Never waits for the store: the number of rows in the outbox is
     * read in the background when the last number is older than 5 s, and a later call returns it.
     */
    public ChatStats stats() {
        boolean isShared = store.isShared();
        return new ChatStats(
                sequencer.queued(),
                sequencer.queuedBytes(),
                tail.size(),
                tail.bytes(),
                tail.evictedBySize(),
                tail.evictedByAge(),
                isShared ? follower.lag() : null,
                presence.size(),
                isShared ? nodeLease.age() : null,
                outbox.state());
    }

    /** Asks the store whether a publish would be stored now, and if not, for the reason. The future never fails. */
    public CompletableFuture<Health> health() {
        return reads.health();
    }

    /**
     * Asks a shared store whether another node serves the log at the moment, so that this node's readers can connect to
     * that node. The future never fails: it completes with true when the store fails or does not respond within 1 s.
     * Without a shared store, it completes with false.
     */
    public CompletableFuture<Boolean> hasOtherNodes() {
        return store.isShared()
                ? reads.run(nodeLease::hasOtherNodes)
                        .completeOnTimeout(true, NODES_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                        .exceptionally(failure -> true)
                : CompletableFuture.completedFuture(false);
    }

    /** Returns the text form of the store, for the log of the application. */
    @Override
    public String toString() {
        return store.toString();
    }

    /**
     * Closes the service. Accepts no more publishes. Waits until the waiting publishes are complete, and after
     * {@link ChatConfig#drainTimeout()} fails the remaining ones. Then makes the last call to every subscriber, and
     * ends the threads. Blocks until all this is done.
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
