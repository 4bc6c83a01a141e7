package dev.confab.core;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one set of rooms looks like from this node, for any number of readers that share an executor, an event loop perhaps. It
 * holds no reader's position: each brings its cursor. A commit in one of the rooms wakes the feed once, however many readers
 * there are and however many commits come before it has run.
 *
 * <p>{@link #read} never blocks; when memory does not reach back to a cursor, {@link #load} asks the store on threads of its
 * own. Both end at the head. Safe for any thread; the wake-up and the results of {@code load} come on the executor.
 */
public final class Feed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

    private final RoomSet rooms;
    private final Executor executor;
    private final Runnable wake;
    private final Tail tail;
    private final Reads reads;
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final Map<Load, CompletableFuture<Delivery>> loading = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Feed(RoomSet rooms, Executor executor, Runnable wake, Tail tail, Reads reads) {
        this.rooms = rooms;
        this.executor = executor;
        this.wake = wake;
        this.tail = tail;
        this.reads = reads;
    }

    public RoomSet rooms() {
        return rooms;
    }

    /** The newest id on this node, over all rooms. Never decreases. */
    public MessageId head() {
        return tail.head();
    }

    /**
     * What is after a cursor, from memory.
     *
     * @param after a cursor that {@link ChatService#locate} gave, or the {@code to} of a delivery
     * @return empty when nothing is there yet, and a wake-up comes when something is; null when memory does not reach back to
     *     the cursor: then {@link #load}
     */
    public @Nullable Batch read(MessageId after, Limit limit) {
        return tail.read(rooms, after, limit);
    }

    /**
     * What is after a cursor, from the store: a batch, empty perhaps, or a gap. Equal loads at the same time are one. Fails
     * with a {@link ChatException}.
     */
    public CompletableFuture<Delivery> load(MessageId after, Limit limit) {
        Load load = new Load(after, limit);
        CompletableFuture<Delivery> mine = new CompletableFuture<>();
        CompletableFuture<Delivery> shared = loading.putIfAbsent(load, mine);
        if (shared != null) {
            return shared;
        }
        reads.after(rooms, after, limit)
                .whenComplete((delivery, failure) -> onExecutor(() -> {
                    loading.remove(load);
                    if (failure != null) {
                        mine.completeExceptionally(failure);
                    } else {
                        mine.complete(delivery);
                    }
                }));
        return mine;
    }

    /** No more wake-ups, but for one that is running. */
    @Override
    public void close() {
        closed = true;
        tail.remove(this);
    }

    /** Called after a commit in one of the rooms, on any thread. */
    void signal() {
        if (signalled.compareAndSet(false, true)) {
            onExecutor(this::run);
        }
    }

    private void run() {
        // Before the wake-up, so that a commit during it signals again.
        signalled.set(false);
        if (closed) {
            return;
        }
        try {
            wake.run();
        } catch (RuntimeException e) { // on a direct executor the other feeds, and the publisher, come after it
            LOG.error("A wake-up failed", e);
        }
    }

    private void onExecutor(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The readers' executor has ended, and with it the readers.
            close();
        }
    }

    private record Load(MessageId after, Limit limit) {}
}
