package dev.confab.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads from the store, outside of the event loops. Never reads beyond the tail's head. */
final class Reads {
    private static final Logger LOG = LoggerFactory.getLogger(Reads.class);

    private static final String READING = "reading";

    private static final String HEALTH = "the check whether a publish would be stored";

    private final MessageStore store;
    private final Tail tail;
    private final LogFollower follower;
    private final Executor executor;
    private final FailureLog failures;
    private final AtomicBoolean lookWaits = new AtomicBoolean();

    Reads(MessageStore store, Tail tail, LogFollower follower, Executor executor) {
        this(store, tail, follower, executor, new FailureLog(LOG));
    }

    Reads(MessageStore store, Tail tail, LogFollower follower, Executor executor, FailureLog failures) {
        this.store = store;
        this.tail = tail;
        this.follower = follower;
        this.executor = executor;
        this.failures = failures;
    }

    CompletableFuture<Delivery> after(RoomSet rooms, MessageId after, Limit limit) {
        return run(() -> {
            MessageId through = tail.head();
            MessageStore.Page page = store.readAfter(rooms, after, through, limit);
            failures.succeeded(READING);
            if (page.trimmedThrough().isAfter(after)) {
                return new Gap(Gap.Cause.TRIMMED, page.trimmedThrough());
            }
            List<Entry> entries = cut(page.messages(), limit);
            MessageId end = entries.isEmpty()
                    ? MessageId.max(after, through)
                    : entries.get(entries.size() - 1).id();
            return new Batch(after, end, entries);
        });
    }

    CompletableFuture<Batch> before(RoomSet rooms, MessageId before, Limit limit) {
        return run(() -> {
            // Messages after the head may be committed but not yet durable: readers must not see them.
            MessageId head = tail.head();
            boolean newest = before.isAfter(head);
            List<Message> found = store.readBefore(rooms, newest ? head.next() : before, limit);
            failures.succeeded(READING);
            List<Entry> entries = cutFront(found, limit);
            MessageId last =
                    entries.isEmpty() ? before : entries.get(entries.size() - 1).id();
            MessageId from = entries.isEmpty() ? last : entries.get(0).id().previous();
            return new Batch(from, newest ? head : last, entries);
        });
    }

    CompletableFuture<Position> locate(RoomSet rooms, Start start) {
        if (start == Start.LATEST) {
            return CompletableFuture.completedFuture(Position.at(tail.head()));
        }
        if (start instanceof Start.After after) {
            return tail.knows(rooms, after.cursor())
                    ? CompletableFuture.completedFuture(Position.at(after.cursor()))
                    : run(() -> locate(rooms, after.cursor()));
        }
        if (start instanceof Start.Last last) {
            return last.count() == 0
                    ? locate(rooms, Start.LATEST)
                    : run(() -> Position.at(visible(store.startOfLast(rooms, last.count()))));
        }
        return run(() -> Position.at(visible(store.trimmedThrough(rooms))));
    }

    /**
     * Starts a task that reads the messages that other nodes appended. At most one such task waits for its turn, even
     * when this method is called often.
     */
    void refresh() {
        if (lookWaits.compareAndSet(false, true)) {
            run(() -> {
                        follower.catchUp(() -> lookWaits.set(false));
                        failures.succeeded(READING);
                        return (Void) null;
                    })
                    .whenComplete((done, failure) -> lookWaits.set(false));
        }
    }

    /** Calls {@link #refresh()} when {@code known}, the id of a committed message, was not read yet. */
    void refresh(MessageId known) {
        if (known.isAfter(tail.head())) {
            refresh();
        }
    }

    private Position locate(RoomSet rooms, MessageId cursor) {
        if (store.isShared()) {
            // A cursor ahead of the head comes from a node that has read further. The messages up to the cursor are
            // committed, so catching up once is enough.
            follower.catchUpTo(cursor);
        }
        MessageId floor = visible(store.floor(cursor));
        if (!floor.equals(cursor)) {
            return Position.behind(new Gap(Gap.Cause.REPLACED, MessageId.max(floor, store.trimmedThrough(rooms))));
        }
        MessageId trimmed = store.trimmedThrough(rooms);
        return trimmed.isAfter(cursor) ? Position.behind(new Gap(Gap.Cause.TRIMMED, trimmed)) : Position.at(cursor);
    }

    private MessageId visible(MessageId id) {
        MessageId head = tail.head();
        return id.isAfter(head) ? head : id;
    }

    /** See {@link ChatService#health}. */
    CompletableFuture<Health> health() {
        return run(this::checkAppends).exceptionally(failure -> Health.UNREACHABLE);
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

    /** Applies the limit to the JSON form of the messages, because the store applies the limit to bodies only. */
    private static List<Entry> cut(List<Message> messages, Limit limit) {
        List<Entry> entries = new ArrayList<>(messages.size());
        long bytes = 0;
        for (Message message : messages) {
            Entry entry = Entry.of(message);
            bytes += entry.json().length;
            if (!limit.fits(entries.size(), bytes)) {
                break;
            }
            entries.add(entry);
        }
        return entries;
    }

    /** Applies the limit like {@link #cut}, but removes messages from the front of the page and keeps the newest. */
    private static List<Entry> cutFront(List<Message> messages, Limit limit) {
        List<Entry> entries = messages.stream().map(Entry::of).toList();
        long bytes = 0;
        int first = entries.size();
        while (first > 0) {
            bytes += entries.get(first - 1).json().length;
            if (!limit.fits(entries.size() - first, bytes)) {
                break;
            }
            first--;
        }
        return entries.subList(first, entries.size());
    }

    /**
     * Runs {@code read} on the executor, where waiting for the store is allowed. When {@code read} fails, the future
     * fails with a {@link ChatException}.
     */
    <T> CompletableFuture<T> run(Supplier<T> read) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            executor.execute(() -> complete(result, read));
        } catch (RejectedExecutionException e) {
            boolean ended = executor instanceof ExecutorService service && service.isShutdown();
            result.completeExceptionally(
                    ended
                            ? new ChatException(Reason.DRAINING, "the server is shutting down")
                            : new ChatException(Reason.OVERLOADED, "too many reads are waiting for the store"));
        }
        return result;
    }

    private <T> void complete(CompletableFuture<T> result, Supplier<T> read) {
        try {
            result.complete(read.get());
        } catch (StoreException e) {
            failures.failed(READING, e);
            result.completeExceptionally(new ChatException(Reason.UNAVAILABLE, "the store cannot be reached", e));
        } catch (ChatException e) {
            result.completeExceptionally(e);
        } catch (Throwable e) { // any error completes the future, so that no caller waits forever
            LOG.error("A read failed", e);
            result.completeExceptionally(new ChatException(Reason.INTERNAL, "the server failed", e));
        }
    }
}
