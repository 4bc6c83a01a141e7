package dev.confab.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A view of the entries of one set of rooms on this node. Any number of readers can use the feed if they share an
 * executor, such as an event loop. The feed holds no positions: each reader passes its own cursor. After a commit in
 * one of the rooms, the feed calls its wake-up once, for all readers together. Further commits before the wake-up has
 * begun cause no further call.
 *
 * <p>{@link #read} never blocks. When memory does not reach back to a cursor, {@link #load} reads from the store, on
 * the service's own threads if the store blocks. Neither reads past the head. Thread-safe. The executor runs the
 * wake-up, and completes the futures of {@code load} that wait for the store.
 */
public final class Feed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

    /** The number of feeds that one task wakes. Then the executor can do other work, such as polling its sockets. */
    private static final int FEEDS_PER_TASK = 64;

    private final RoomSet rooms;
    private final Executor executor;
    private final Runnable wake;
    private final Tail tail;
    private final Reads reads;
    private final AtomicBoolean signalled = new AtomicBoolean();
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

    /** Returns the newest id on this node, over all rooms. Never decreases. */
    public MessageId head() {
        return tail.head();
    }

    /**
     * Returns the entries after a cursor, from memory.
     *
     * @param after a cursor that {@link ChatService#locate} returned, or the {@code to} of a delivery
     * @return a batch, which is empty when there are no entries yet; a wake-up then follows as soon as there are some.
     *     Null when memory does not reach back to the cursor: call {@link #load} instead
     */
    public @Nullable Batch read(MessageId after, Limit limit) {
        return tail.read(rooms, after, limit);
    }

    /**
     * Returns a number that changes whenever retention has removed messages on this node. Entries that were read
     * before the change must not be given to further readers.
     */
    public long trims() {
        return tail.trims();
    }

    /**
     * Loads the entries after a cursor from the store. The result is a batch, which may be empty, or a gap. Equal loads
     * of all feeds of this node share one read, also for some seconds after the read. If nothing has to be read, the
     * future is complete already. The future fails with a {@link ChatException}.
     */
    public CompletableFuture<Delivery> load(MessageId after, Limit limit) {
        CompletableFuture<Delivery> read = reads.after(rooms, after, limit);
        if (read.isDone()) {
            return read;
        }
        CompletableFuture<Delivery> mine = new CompletableFuture<>();
        read.whenComplete((delivery, failure) -> onExecutor(() -> {
            if (failure != null) {
                mine.completeExceptionally(failure);
            } else {
                mine.complete(delivery);
            }
        }));
        return mine;
    }

    /** Stops the wake-ups, except one that is already running. */
    @Override
    public void close() {
        closed = true;
        tail.remove(this);
    }

    /**
     * Wakes the readers of feeds after a commit, on any thread. The feeds of one executor share a task, because a
     * commit may touch many small rooms, and each task costs the hand-over to another thread.
     */
    static void signal(Collection<Feed> feeds) {
        IdentityHashMap<Executor, List<Feed>> woken = new IdentityHashMap<>();
        for (Feed feed : feeds) {
            if (feed.signalled.compareAndSet(false, true)) {
                List<Feed> together = woken.computeIfAbsent(feed.executor, executor -> new ArrayList<>());
                together.add(feed);
                if (together.size() == FEEDS_PER_TASK) {
                    woken.remove(feed.executor);
                    wake(feed.executor, together);
                }
            }
        }
        woken.forEach(Feed::wake);
    }

    private static void wake(Executor executor, List<Feed> feeds) {
        try {
            executor.execute(() -> feeds.forEach(Feed::run));
        } catch (RejectedExecutionException e) {
            // The readers' executor was shut down, so there are no readers left.
            feeds.forEach(Feed::close);
        }
    }

    private void run() {
        // Reset before the wake-up, so that a commit during the wake-up signals again.
        signalled.set(false);
        if (closed) {
            return;
        }
        try {
            wake.run();
        } catch (RuntimeException e) { // on a direct executor, other feeds and the publisher still follow
            LOG.error("A wake-up failed", e);
        }
    }

    private void onExecutor(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The readers' executor was shut down, so there are no readers left.
            close();
        }
    }
}
