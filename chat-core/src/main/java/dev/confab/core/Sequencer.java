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
 * Gives drafts their place: takes all that is waiting, appends it in one transaction (group commit), hands it to the tail and
 * only then says so. One batch at a time, on the executor; with a store that does not block, on the publisher's thread.
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

    /** Guards all below, and is notified when it is closed or idle. */
    private final Object lock = new Object();

    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    /** What was taken out of the queue last. */
    private List<Pending> taken = List.of();
    /** What is to be done before the next batch. */
    private final Set<Runnable> tasks = new LinkedHashSet<>();
    /** What the store has not answered yet, in drafts and bytes: this is bounded. */
    private int queued;

    private long queuedBytes;
    /** What was not answered yet, callbacks included: this is waited for. */
    private int unfinished;

    private boolean running;
    private boolean draining;
    private boolean stopped;

    /** @param node what this node is called when a batch is appended */
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

    /** Completes when the draft is durable and readable, or fails with a {@link ChatException}. */
    CompletableFuture<Placement> submit(Draft draft) {
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
     * Runs a task of the node's own between two batches, where it may use the store. One that waits already is not added again;
     * after {@link #close} none is.
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
            // Closed in between, and in less time than the thread needs to start.
            failQueued();
        }
    }

    /**
     * Answers what was not stored in time: it surely is not while it waits, and may be once the store has it. To be called
     * regularly, as a store may take longer than anybody waits.
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
            // Before the lock is given up, so that none of those that wait can reach the store meanwhile.
            waiting = claim(waiting);
            inStore = claim(inStore);
        }
        answer(waiting, Reason.UNAVAILABLE, NOT_STORED);
        answer(inStore, Reason.OUTCOME_UNKNOWN, MAYBE_STORED);
    }

    /** Takes nothing new, waits for what is there, and fails what the store did not take in time. */
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
        // What is in the store's hands now is answered by the drain; what never got there is answered here.
        failQueued();
    }

    /** One is taken however large it is. */
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
        } catch (Throwable e) { // whatever it is, the batches go on
            LOG.error("A task of the node failed", e);
        }
    }

    private void appendBatch(List<Pending> batch) {
        try {
            appendUntilDeadline(batch);
        } catch (Throwable e) { // whatever it is, nobody may wait for ever
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

    /** Waits a little; false when there is to be no other try: on an event loop, when interrupted, at the end. */
    private boolean pause() {
        synchronized (lock) {
            return store.isBlocking() && !stopped && await(TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS)) && !stopped;
        }
    }

    /** Fails whose time is over; returns the others. */
    private List<Pending> failExpired(List<Pending> batch, boolean over) {
        long now = System.nanoTime();
        List<Pending> expired =
                batch.stream().filter(p -> over || p.deadline - now <= 0).toList();
        fail(expired, Reason.UNAVAILABLE, NOT_STORED);
        return batch.stream().filter(p -> !expired.contains(p)).toList();
    }

    /** @throws StoreException {@code UNAVAILABLE}: nothing of it was stored or answered */
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

    /** A draft that the store refuses fails alone: halves are tried until it is. */
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
        List<Placement> placements = new ArrayList<>(batch.size());
        List<Entry> placed = new ArrayList<>(batch.size());
        for (Outcome outcome : appended.outcomes()) {
            Placement placement = Placement.of(outcome);
            placements.add(placement);
            if (placement.isNew() && placement.entry() != null) {
                placed.add(placement.entry());
            }
        }
        try {
            follower.accept(appended.previous(), placed);
        } catch (StoreException e) {
            // Stored all the same. Readers get it with the next batch or the next look for news.
            failures.warn("What other nodes appended could not be read", e);
        }
        List<Pending> open = claim(batch);
        // Those that were answered meanwhile stay as they are.
        for (int i = 0; i < batch.size(); i++) {
            Pending pending = batch.get(i);
            if (appended.outcomes().get(i) instanceof Outcome.Conflict) {
                String message = "key: " + pending.draft.key() + " (expected: the same nick and body as before)";
                pending.result.completeExceptionally(new ChatException(Reason.KEY_CONFLICT, message));
            } else {
                pending.result.complete(placements.get(i));
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

    /** Those that nobody has answered, now in the store's hands. */
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

    /** Nothing of it was stored. */
    private void leave(List<Pending> batch) {
        synchronized (lock) {
            batch.forEach(p -> p.inStore = false);
        }
    }

    /**
     * Those that nobody has answered: they are the caller's to answer, and then {@link #finished}. Their places are free before
     * that, for whoever publishes again on the answer.
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

    /** Waits on the lock, which the caller holds; false when interrupted. */
    private boolean await(long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedWait(lock, Math.max(1_000_000, nanos));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static CompletableFuture<Placement> failed(Reason reason, String message) {
        return CompletableFuture.failedFuture(new ChatException(reason, message));
    }

    /** What is done next: tasks, and then a batch. */
    private record Turn(List<Runnable> tasks, List<Pending> batch) {
        boolean isEmpty() {
            return tasks.isEmpty() && batch.isEmpty();
        }
    }

    /** A draft on its way. */
    private static final class Pending {
        final Draft draft;
        final long deadline;
        final CompletableFuture<Placement> result = new CompletableFuture<>();
        /** Guarded by the lock, as is the next. */
        boolean inStore;

        boolean answered;

        Pending(Draft draft, long deadline) {
            this.draft = draft;
            this.deadline = deadline;
        }
    }
}
