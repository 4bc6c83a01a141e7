package dev.confab.core;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
    private final Executor pageTurns;
    private final FailureLog failures;
    private final Events events;
    private final Pages pages;
    private final RunningReads<Pages.Key, Delivery> pagesAfter;
    private final RunningReads<Pages.Key, Batch> pagesBefore;
    private final RunningReads<Search, Position> searches;
    private final AtomicBoolean lookWaits = new AtomicBoolean();

    Reads(MessageStore store, Tail tail, LogFollower follower, Executor executor) {
        this(store, tail, follower, executor, executor, new FailureLog(LOG), ChatListener.NONE);
    }

    /** @param pageTurns runs reads of pages on {@code executor}, so that short reads wait for few of them */
    Reads(
            MessageStore store,
            Tail tail,
            LogFollower follower,
            Executor executor,
            Executor pageTurns,
            FailureLog failures,
            ChatListener listener) {
        this.store = store;
        this.tail = tail;
        this.follower = follower;
        this.executor = executor;
        this.pageTurns = pageTurns;
        this.failures = failures;
        this.events = new Events(listener);
        this.pages = new Pages(tail);
        this.pagesAfter = new RunningReads<>(tail);
        this.pagesBefore = new RunningReads<>(tail);
        this.searches = new RunningReads<>(tail);
    }

    CompletableFuture<Delivery> after(RoomSet rooms, MessageId after, Limit limit) {
        Pages.Key key = new Pages.Key(rooms, after, limit);
        Batch known = pages.get(key);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<Delivery> read = pagesAfter.share(
                key,
                () -> page(() -> {
                    // Meanwhile, an equal read may have ended that began before the head moved.
                    Batch meanwhile = pages.get(key);
                    return meanwhile == null ? readAfter(key) : meanwhile;
                }));
        read.thenAccept(delivery -> report(delivery instanceof Gap gap ? gap : null));
        return read;
    }

    private Delivery readAfter(Pages.Key key) {
        MessageId after = key.after();
        Limit limit = key.limit();
        long trims = tail.trims();
        MessageId through = tail.head();
        long start = System.nanoTime();
        MessageStore.Page page = store.readAfter(key.rooms(), after, through, limit);
        long nanos = System.nanoTime() - start;
        failures.succeeded(READING);
        events.report(listener -> listener.pageRead(page.messages().size(), nanos));
        if (page.trimmedThrough().isAfter(after)) {
            return new Gap(Gap.Cause.TRIMMED, page.trimmedThrough());
        }
        List<Entry> entries = cut(follower.entries(page.messages()), limit);
        boolean isFull = !page.complete() || entries.size() < page.messages().size();
        Batch batch = new Batch(
                after,
                entries.isEmpty()
                        ? MessageId.max(after, through)
                        : entries.get(entries.size() - 1).id(),
                entries);
        pages.put(key, batch, isFull ? null : through, trims);
        List<Entry> first = cut(entries, Limit.WRITE);
        if (first.size() < entries.size()) {
            // A response with a large page is sent in parts. The first part must not wait for the store again.
            MessageId end = first.get(first.size() - 1).id();
            pages.put(new Pages.Key(key.rooms(), after, Limit.WRITE), new Batch(after, end, first), null, trims);
        }
        return batch;
    }

    CompletableFuture<Batch> before(RoomSet rooms, MessageId before, Limit limit) {
        return pagesBefore.share(
                new Pages.Key(rooms, before, limit), () -> page(() -> readBefore(rooms, before, limit)));
    }

    private Batch readBefore(RoomSet rooms, MessageId before, Limit limit) {
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
    }

    CompletableFuture<Position> locate(RoomSet rooms, Start start) {
        if (start == Start.LATEST || (start instanceof Start.Last last && last.count() == 0)) {
            return CompletableFuture.completedFuture(Position.at(tail.head()));
        }
        if (start instanceof Start.After after && tail.knows(rooms, after.cursor())) {
            return CompletableFuture.completedFuture(Position.at(after.cursor()));
        }
        CompletableFuture<Position> search =
                searches.share(new Search(rooms, start), () -> run(() -> find(rooms, start)));
        search.thenAccept(position -> report(position.gap()));
        return search;
    }

    /** Reports the gap of one reader. Called for each of several readers that share a read. */
    private void report(@Nullable Gap gap) {
        if (gap != null) {
            events.report(listener -> listener.gap(gap.reason()));
        }
    }

    private Position find(RoomSet rooms, Start start) {
        if (start instanceof Start.After after) {
            return find(rooms, after.cursor());
        }
        MessageId found =
                start instanceof Start.Last last ? store.startOfLast(rooms, last.count()) : store.trimmedThrough(rooms);
        return Position.at(visible(found));
    }

    /** Runs the next step of {@code fill}. The result is whether a further step is needed. */
    CompletableFuture<Boolean> fill(TailFill fill) {
        return page(() -> {
            boolean isMore = fill.step();
            failures.succeeded(READING);
            return isMore;
        });
    }

    /** Removes the pages from memory that were read before the last call. */
    void sweep() {
        pages.sweep();
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

    private Position find(RoomSet rooms, MessageId cursor) {
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
    private static List<Entry> cut(List<Entry> entries, Limit limit) {
        int end = 0;
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.json().length;
            if (!limit.fits(end, bytes)) {
                break;
            }
            end++;
        }
        return entries.subList(0, end);
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
     * Runs a short read on the threads that may wait for the store. When {@code read} fails, the future fails with a
     * {@link ChatException}.
     */
    <T> CompletableFuture<T> run(Supplier<T> read) {
        return run(executor, read);
    }

    /** Runs a read of a page, like {@link #run(Supplier)}. A short read does not wait for many pages. */
    private <T> CompletableFuture<T> page(Supplier<T> read) {
        return run(pageTurns, read);
    }

    private <T> CompletableFuture<T> run(Executor runs, Supplier<T> read) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            runs.execute(() -> complete(result, read));
        } catch (RejectedExecutionException e) {
            boolean ended = executor instanceof ExecutorService service && service.isShutdown();
            if (!ended) {
                events.report(listener -> listener.limitReached(ChatListener.Bound.READS));
            }
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

    private record Search(RoomSet rooms, Start start) {}
}
