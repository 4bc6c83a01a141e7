package dev.confab.core;

import dev.confab.core.MessageStore.Appended;
import dev.confab.core.MessageStore.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
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
    private final CommitDelay commitDelay = new CommitDelay();

    /** Guards the fields below. Is notified when the sequencer is closed or idle. */
    private final Object lock = new Object();

    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    /** The batch that was taken out of the queue last. */
    private List<Pending> taken = List.of();
    /** The tasks to run before the next batch. */
    private final Set<Runnable> tasks = new LinkedHashSet<>();
    /** The number and bytes of the drafts that are not completed yet. Both are bounded. */
    private int queued;

    private long queuedBytes;
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
        this.node = node;
        this.failures = failures;
    }

    /**
     * Queues a draft. The future completes when the draft is durable and readable, or fails with a
     * {@link ChatException}. It completes with null for a join or a leave that changed nothing.
     */
    CompletableFuture<@Nullable Published> submit(Draft draft) {
        Pending pending =
                new Pending(draft, System.nanoTime() + config.publishTimeout().toNanos());
        boolean start;
        synchronized (lock) {
            if (draining) {
                return failed(Reason.DRAINING, "the server is shutting down");
            }
            if (isFull(draft)) {
                return failed(Reason.OVERLOADED, "too many publishes are waiting for the store");
            }
            queue.add(pending);
            unfinished++;
            queued++;
            queuedBytes += draft.weight();
            commitDelay.arrived(queue.size());
            start = !running;
            running = true;
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
        List<Pending> waiting = new ArrayList<>();
        List<Pending> inStore = new ArrayList<>();
        synchronized (lock) {
            long now = System.nanoTime();
            while (!queue.isEmpty() && queue.peek().deadline - now <= 0) {
                waiting.add(queue.remove());
            }
            for (Pending pending : taken) {
                if (pending.deadline - now <= 0) {
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

    /** Without other drafts, a draft of any size is accepted. */
    private boolean isFull(Draft draft) {
        return queued >= config.maxQueued() || (queued > 0 && queuedBytes + draft.weight() > config.maxQueuedBytes());
    }

    private void failQueued() {
        for (Pending left = poll(); left != null; left = poll()) {
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

    private void appendBatch(List<Pending> batch) {
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
        List<Pending> batch = new ArrayList<>();
        synchronized (lock) {
            while (batch.size() < MAX_BATCH && !queue.isEmpty()) {
                batch.add(queue.remove());
            }
            Turn turn = new Turn(List.copyOf(tasks), batch);
            tasks.clear();
            taken = turn.batch;
            running = !turn.isEmpty();
            return turn;
        }
    }

    private void appendUntilDeadline(List<Pending> batch) {
        List<Pending> left = batch;
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

    /**
     * Waits before the next attempt to append.
     *
     * @return false when no other attempt may follow: on an event loop, after an interrupt, or after {@link #close}
     */
    private boolean pause() {
        synchronized (lock) {
            return store.isBlocking() && !stopped && await(TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS)) && !stopped;
        }
    }

    /**
     * Fails the drafts whose deadline is over, and returns the others.
     *
     * @param over whether to fail all drafts
     */
    private List<Pending> failExpired(List<Pending> batch, boolean over) {
        long now = System.nanoTime();
        List<Pending> expired =
                batch.stream().filter(p -> over || p.deadline - now <= 0).toList();
        fail(expired, Reason.UNAVAILABLE, NOT_STORED);
        return batch.stream().filter(p -> !expired.contains(p)).toList();
    }

    /** @throws StoreException {@code UNAVAILABLE}: no draft was stored or completed */
    private void append(List<Pending> all) {
        List<Pending> batch = enter(all);
        if (batch.isEmpty()) {
            return;
        }
        Appended appended;
        long start = System.nanoTime();
        try {
            appended = store.append(node.get(), drafts(batch));
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
        commitDelay.appended(batch.size(), System.nanoTime() - start);
        failures.succeeded(APPENDING);
        accept(batch, appended);
    }

    /** Appends the halves of a refused batch separately, again and again, until the refused draft fails alone. */
    private void split(List<Pending> batch, StoreException refusal) {
        if (batch.size() == 1) {
            failures.warn("The store refused a draft", refusal);
            fail(batch, Reason.REFUSED, "the store refused the message");
            return;
        }
        int half = batch.size() / 2;
        appendUntilDeadline(batch.subList(0, half));
        appendUntilDeadline(batch.subList(half, batch.size()));
    }

    private void accept(List<Pending> batch, Appended appended) {
        if (appended.outcomes().size() != batch.size()) {
            throw new IllegalStateException(
                    "outcomes: " + appended.outcomes().size() + " (expected: " + batch.size() + ")");
        }
        List<@Nullable Entry> entries =
                follower.accept(appended, e -> failures.warn("The messages of other nodes could not be read", e));
        List<Pending> open = claim(batch);
        // Drafts that were completed in the meantime keep their result.
        for (int i = 0; i < batch.size(); i++) {
            Pending pending = batch.get(i);
            Outcome outcome = appended.outcomes().get(i);
            Entry entry = entries.get(i);
            if (outcome instanceof Outcome.Conflict) {
                String message = "key: " + pending.draft.key() + " (expected: the same nick and body as before)";
                pending.result.completeExceptionally(new ChatException(Reason.KEY_CONFLICT, message));
            } else {
                pending.result.complete(entry == null ? null : new Published(entry, outcome instanceof Outcome.Placed));
            }
        }
        finished(open);
    }

    private void fail(List<Pending> batch, Reason reason, String message) {
        answer(claim(batch), reason, message);
    }

    private void answer(List<Pending> open, Reason reason, String message) {
        open.forEach(p -> p.result.completeExceptionally(new ChatException(reason, message)));
        finished(open);
    }

    /** Marks the drafts that are not completed yet as passed to the store, and returns these drafts. */
    private List<Pending> enter(List<Pending> batch) {
        synchronized (lock) {
            List<Pending> open = unanswered(batch);
            open.forEach(p -> p.inStore = true);
            return open;
        }
    }

    private static List<Pending> unanswered(List<Pending> batch) {
        List<Pending> open = new ArrayList<>(batch.size());
        for (Pending pending : batch) {
            if (!pending.answered) {
                open.add(pending);
            }
        }
        return open;
    }

    private static List<Draft> drafts(List<Pending> batch) {
        List<Draft> drafts = new ArrayList<>(batch.size());
        for (Pending pending : batch) {
            drafts.add(pending.draft);
        }
        return drafts;
    }

    /** Marks the drafts as not stored: the store stored nothing. */
    private void leave(List<Pending> batch) {
        synchronized (lock) {
            batch.forEach(p -> p.inStore = false);
        }
    }

    /**
     * Returns the drafts that are not completed yet. The caller must complete these drafts and then call
     * {@link #finished}. Their places in the queue are free at once, so that a publisher that publishes again on
     * completion finds a free place.
     */
    private List<Pending> claim(List<Pending> batch) {
        synchronized (lock) {
            List<Pending> open = unanswered(batch);
            queued -= open.size();
            for (Pending pending : open) {
                pending.answered = true;
                queuedBytes -= pending.draft.weight();
            }
            return open;
        }
    }

    private void finished(List<Pending> batch) {
        synchronized (lock) {
            unfinished -= batch.size();
            if (unfinished == 0) {
                lock.notifyAll();
            }
        }
    }

    private @Nullable Pending poll() {
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

    /** The next work: tasks, and then a batch. */
    private record Turn(List<Runnable> tasks, List<Pending> batch) {
        boolean isEmpty() {
            return tasks.isEmpty() && batch.isEmpty();
        }
    }

    /** A draft whose result is pending. */
    private static final class Pending {
        final Draft draft;
        final long deadline;
        final CompletableFuture<@Nullable Published> result = new CompletableFuture<>();
        /** Whether the store has the draft. Guarded by the lock, like {@link #answered}. */
        boolean inStore;

        boolean answered;

        Pending(Draft draft, long deadline) {
            this.draft = draft;
            this.deadline = deadline;
        }
    }
}
