package dev.confab.core;

import dev.confab.core.MessageStore.Appended;
import dev.confab.core.MessageStore.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends drafts to the log. Takes the drafts that are waiting and appends them in one transaction (group commit).
 * Hands the new entries to the tail, and only then completes the publishes. Batches run one at a time, on the executor.
 * With a store that does not block, batches run on the publisher's thread.
 */
final class Sequencer {
    private static final Logger LOG = LoggerFactory.getLogger(Sequencer.class);
    private static final int MAX_BATCH = 1_000;
    private static final long RETRY_MILLIS = 100;

    private static final String APPENDING = "appending";
    private static final String TASKS = "the node's own tasks";
    private static final String NOT_STORED = "the store cannot be reached; nothing was stored";
    private static final String MAYBE_STORED = "the message may or may not be stored; repeat it with its key";

    private final MessageStore store;
    private final LogFollower follower;
    private final Executor executor;
    private final ChatConfig config;
    private final Supplier<UUID> node;
    private final FailureLog failures;
    private final Events events;
    private final CommitDelay commitDelay = new CommitDelay();

    /** Guards the fields below. Is notified when the sequencer is closed or idle. */
    private final Object lock = new Object();

    private final DraftQueue queue;
    /** The batch that was taken out of the queue last. */
    private List<PendingDraft> taken = List.of();
    /** The tasks to run before the next batch. */
    private final Set<Runnable> tasks = new LinkedHashSet<>();
    /** The number of drafts whose callbacks have not returned yet. {@link #close} waits until the number is zero. */
    private int unfinished;

    private boolean running;
    private boolean draining;
    private boolean stopped;

    /** @param node returns the id of this node; called for each append of a batch */
    Sequencer(
            MessageStore store,
            LogFollower follower,
            Executor executor,
            ChatConfig config,
            Supplier<UUID> node,
            FailureLog failures) {
        this.store = store;
        this.follower = follower;
        this.executor = executor;
        this.config = config;
        this.queue = new DraftQueue(config.maxQueued(), config.maxQueuedBytes());
        this.node = node;
        this.failures = failures;
        this.events = new Events(config.listener());
    }

    /**
     * Queues a draft. The future completes when the draft is durable and readable, or fails with a
     * {@link ChatException}. It completes with null for a join or a leave that changed nothing.
     */
    CompletableFuture<@Nullable Published> submit(Draft draft) {
        return submit(draft, null);
    }

    /** @param sender the session that does not get the message; null if all sessions get it */
    CompletableFuture<@Nullable Published> submit(Draft draft, @Nullable String sender) {
        PendingDraft pending = new PendingDraft(
                draft, sender, System.nanoTime() + config.publishTimeout().toNanos());
        boolean isFull;
        boolean start;
        synchronized (lock) {
            if (draining) {
                return failed(Reason.DRAINING, "the server is shutting down");
            }
            isFull = queue.isFull(draft);
            start = !isFull && !running;
            if (!isFull) {
                queue.add(pending);
                unfinished++;
                commitDelay.arrived(queue.size());
                running = true;
            }
        }
        if (isFull) {
            events.report(listener -> listener.limitReached(ChatListener.Bound.QUEUE));
            return failed(Reason.OVERLOADED, "too many publishes are waiting for the store");
        }
        if (start) {
            start();
        }
        return pending.result;
    }

    /**
     * Runs a task of the node between two batches, where the task may use the store. A task that is already waiting is
     * not added again. After {@link #close}, no task is added.
     */
    void execute(Runnable task) {
        boolean start;
        synchronized (lock) {
            if (draining || !tasks.add(task)) {
                return;
            }
            start = !running;
            running = true;
        }
        if (start) {
            start();
        }
    }

    private void start() {
        try {
            executor.execute(this::drain);
        } catch (RejectedExecutionException e) {
            // The executor was shut down since the draft was queued.
            failQueued();
        }
    }

    /**
     * Fails the drafts whose deadline is over. A draft that still waits is certainly not stored. A draft that was
     * passed to the store may be stored. This method must be called regularly, because a call of the store may take
     * longer than the deadline allows.
     */
    void failOverdue() {
        List<PendingDraft> waiting;
        List<PendingDraft> inStore = new ArrayList<>();
        synchronized (lock) {
            long now = System.nanoTime();
            waiting = queue.pollOverdue(now);
            for (PendingDraft pending : taken) {
                if (pending.isOverdue(now) && !pending.isStored) {
                    (pending.inStore ? inStore : waiting).add(pending);
                }
            }
            // Claimed while the lock is still held, so that no waiting draft can reach the store in the meantime.
            waiting = claim(waiting);
            inStore = claim(inStore);
        }
        answer(waiting, Reason.UNAVAILABLE, NOT_STORED);
        answer(inStore, Reason.OUTCOME_UNKNOWN, MAYBE_STORED);
    }

    /**
     * Accepts no new drafts, waits for the drafts that are queued, and fails the drafts that did not reach the store in
     * time.
     */
    void close(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (lock) {
            draining = true;
            boolean interrupted = false;
            while (unfinished > 0 && deadline - System.nanoTime() > 0 && !interrupted) {
                interrupted = !await(deadline - System.nanoTime());
            }
            stopped = true;
            lock.notifyAll();
        }
        // The running drain completes the drafts that the store has. Drafts that never reached the store fail here.
        failQueued();
    }

    /** Returns the number of drafts that are not completed. */
    int queued() {
        synchronized (lock) {
            return queue.drafts();
        }
    }

    /** Returns the size, in bytes, of the drafts that are not completed. */
    long queuedBytes() {
        synchronized (lock) {
            return queue.bytes();
        }
    }

    private void failQueued() {
        for (PendingDraft left = poll(); left != null; left = poll()) {
            fail(List.of(left), Reason.DRAINING, "the server shut down before the message could be stored");
        }
    }

    private void drain() {
        for (Turn turn = next(); !turn.isEmpty(); turn = next()) {
            turn.tasks.forEach(this::runTask);
            if (!turn.batch.isEmpty()) {
                appendBatch(turn.batch);
            }
        }
    }

    private void runTask(Runnable task) {
        try {
            task.run();
            failures.succeeded(TASKS);
        } catch (StoreException e) {
            failures.failed(TASKS, e);
        } catch (Throwable e) { // any error: the batches must continue
            LOG.error("A task of the node failed", e);
        }
    }

    private void appendBatch(List<PendingDraft> batch) {
        try {
            appendUntilDeadline(batch);
        } catch (Throwable e) { // any error fails the batch, so that no caller waits forever
            LOG.error("A batch of {} publishes failed", batch.size(), e);
            fail(batch, Reason.INTERNAL, "the server failed");
        }
    }

    private Turn next() {
        if (store.isBlocking()) {
            commitDelay.await(this::isGathering);
        }
        return take();
    }

    private boolean isGathering() {
        synchronized (lock) {
            return queue.size() < commitDelay.expected() && tasks.isEmpty() && !draining;
        }
    }

    private Turn take() {
        synchronized (lock) {
            Turn turn = new Turn(List.copyOf(tasks), queue.poll(MAX_BATCH));
            tasks.clear();
            taken = turn.batch;
            running = !turn.isEmpty();
            return turn;
        }
    }

    private void appendUntilDeadline(List<PendingDraft> batch) {
        List<PendingDraft> left = batch;
        while (!left.isEmpty()) {
            try {
                append(left);
                return;
            } catch (StoreException e) {
                failures.failed(APPENDING, e);
            }
            left = failExpired(left, !pause());
        }
    }

    /** Waits before the next attempt. Returns false on an event loop, after an interrupt, and after {@link #close}. */
    private boolean pause() {
        synchronized (lock) {
            return store.isBlocking() && !stopped && await(TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS)) && !stopped;
        }
    }

    /** Fails the drafts whose deadline is over, or all drafts if {@code over}, and returns the others. */
    private List<PendingDraft> failExpired(List<PendingDraft> batch, boolean over) {
        long now = System.nanoTime();
        List<PendingDraft> expired =
                batch.stream().filter(p -> over || p.isOverdue(now)).toList();
        fail(expired, Reason.UNAVAILABLE, NOT_STORED);
        return batch.stream().filter(p -> !expired.contains(p)).toList();
    }

    /** @throws StoreException {@code UNAVAILABLE}: no draft was stored or completed */
    private void append(List<PendingDraft> all) {
        List<PendingDraft> batch = enter(all);
        if (batch.isEmpty()) {
            return;
        }
        Added added;
        try {
            added = PendingDraft.haveSenders(batch) ? addAlone(batch) : add(batch);
        } catch (StoreException e) {
            switch (e.kind()) {
                case UNAVAILABLE -> {
                    leave(batch);
                    throw e;
                }
                case OUTCOME_UNKNOWN -> {
                    failures.warn("The outcome of " + batch.size() + " publishes is unknown", e);
                    fail(batch, Reason.OUTCOME_UNKNOWN, MAYBE_STORED);
                }
                case REFUSED -> {
                    leave(batch);
                    split(batch, e);
                }
            }
            return;
        }
        commitDelay.appended(batch.size(), added.nanos);
        events.report(listener -> listener.appended(batch.size(), added.nanos));
        failures.succeeded(APPENDING);
        complete(batch, added);
    }

    /**
     * Adds messages of which some have a sender. No other thread reads them from the store before the follower knows
     * the senders.
     */
    private Added addAlone(List<PendingDraft> batch) {
        synchronized (follower) {
            return add(batch);
        }
    }

    /** Appends a batch to the store, and then to the tail. */
    private Added add(List<PendingDraft> batch) {
        long start = System.nanoTime();
        Appended appended = store.append(node.get(), PendingDraft.drafts(batch));
        long nanos = System.nanoTime() - start;
        if (appended.outcomes().size() != batch.size()) {
            throw new IllegalStateException(
                    "outcomes: " + appended.outcomes().size() + " (expected: " + batch.size() + ")");
        }
        List<@Nullable Entry> entries = follower.accept(
                appended,
                PendingDraft.haveSenders(batch) ? storedSenders(batch) : List.of(),
                e -> failures.warn("The messages of other nodes could not be read", e));
        return new Added(appended.outcomes(), entries, nanos);
    }

    /** Appends the halves of a refused batch separately, again and again, until the refused draft fails alone. */
    private void split(List<PendingDraft> batch, StoreException refusal) {
        if (batch.size() == 1) {
            failures.warn("The store refused a draft", refusal);
            fail(batch, Reason.REFUSED, "the store refused the message");
            return;
        }
        int half = batch.size() / 2;
        appendUntilDeadline(batch.subList(0, half));
        appendUntilDeadline(batch.subList(half, batch.size()));
    }

    private void complete(List<PendingDraft> batch, Added added) {
        List<PendingDraft> open = claim(batch);
        // Drafts that were completed in the meantime keep their result.
        for (int i = 0; i < batch.size(); i++) {
            PendingDraft pending = batch.get(i);
            Outcome outcome = added.outcomes.get(i);
            Entry entry = added.entries.get(i);
            if (outcome instanceof Outcome.Conflict) {
                String message = "key: " + pending.draft.key() + " (expected: the same nick and body as before)";
                pending.result.completeExceptionally(new ChatException(Reason.KEY_CONFLICT, message));
            } else {
                pending.result.complete(entry == null ? null : new Published(entry, outcome instanceof Outcome.Placed));
            }
        }
        finished(open);
    }

    private List<@Nullable String> storedSenders(List<PendingDraft> batch) {
        synchronized (lock) {
            return PendingDraft.storedSenders(batch);
        }
    }

    private void fail(List<PendingDraft> batch, Reason reason, String message) {
        answer(claim(batch), reason, message);
    }

    private void answer(List<PendingDraft> open, Reason reason, String message) {
        open.forEach(p -> p.result.completeExceptionally(new ChatException(reason, message)));
        finished(open);
    }

    /** Marks the drafts that are not completed yet as passed to the store, and returns these drafts. */
    private List<PendingDraft> enter(List<PendingDraft> batch) {
        synchronized (lock) {
            List<PendingDraft> open = PendingDraft.unanswered(batch);
            open.forEach(p -> p.inStore = true);
            return open;
        }
    }

    /** Marks the drafts as not stored: the store stored nothing. */
    private void leave(List<PendingDraft> batch) {
        synchronized (lock) {
            batch.forEach(p -> p.inStore = false);
        }
    }

    /**
     * Returns the drafts that are not completed yet. The caller must complete these drafts and then call
     * {@link #finished}.
     */
    private List<PendingDraft> claim(List<PendingDraft> batch) {
        synchronized (lock) {
            return queue.complete(batch);
        }
    }

    private void finished(List<PendingDraft> batch) {
        synchronized (lock) {
            unfinished -= batch.size();
            if (unfinished == 0) {
                lock.notifyAll();
            }
        }
    }

    private @Nullable PendingDraft poll() {
        synchronized (lock) {
            return queue.poll();
        }
    }

    /** Waits on the lock, which the caller holds. Returns false when interrupted. */
    private boolean await(long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedWait(lock, Math.max(1_000_000, nanos));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static CompletableFuture<@Nullable Published> failed(Reason reason, String message) {
        return CompletableFuture.failedFuture(new ChatException(reason, message));
    }

    /**
     * A batch that is in the store and in the tail.
     *
     * @param entries the entry of each outcome that has a message, and null for the others
     * @param nanos the time that the store needed
     */
    private record Added(List<Outcome> outcomes, List<@Nullable Entry> entries, long nanos) {}

    /** The next work: tasks, and then a batch. */
    private record Turn(List<Runnable> tasks, List<PendingDraft> batch) {
        boolean isEmpty() {
            return tasks.isEmpty() && batch.isEmpty();
        }
    }
}
