package dev.confab.core;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks of a node besides publishing and reading: fills the tail after the start, renews the node's lease, expires
 * dead nodes, releases the messages of the outbox, applies retention, and checks for entries of other nodes.
 * Thread-safe; no method blocks.
 */
final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final String OUTBOX = "the outbox";
    private static final String EXPIRY = "the leaves of participants whose node is gone";

    /** The interval at which the node checks for entries of other nodes, even without a notification. */
    private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(1);

    /**
     * The interval at which the node checks the outbox, even without a call from the application to
     * {@link #pollOutbox}.
     */
    private static final Duration OUTBOX_INTERVAL = Duration.ofSeconds(1);

    /** The interval at which the node checks for publishes that were not stored in time. */
    private static final Duration OVERDUE_INTERVAL = Duration.ofSeconds(1);

    /** The interval at which the pages are removed that were read before the last interval. */
    private static final Duration PAGE_LIFETIME = Duration.ofSeconds(5);

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final MessageStore store;
    private final ScheduledExecutorService timer;
    private final Tail tail;
    private final LogFollower follower;
    private final NodeLease nodeLease;
    private final Sequencer sequencer;
    private final Reads reads;
    private final Presence presence;
    private final OutboxWatch outbox;
    private final FailureLog failures;
    // Fields, so that the sequencer recognizes a task that is already waiting, and does not add it a second time.
    private final Runnable renewal = this::renew;
    private final Runnable expiry = this::expire;
    private final Runnable outboxPage = this::takeOutboxPage;

    Housekeeping(
            MessageStore store,
            ScheduledExecutorService timer,
            Tail tail,
            LogFollower follower,
            NodeLease nodeLease,
            Sequencer sequencer,
            Reads reads,
            Presence presence,
            OutboxWatch outbox,
            FailureLog failures) {
        this.store = store;
        this.timer = timer;
        this.tail = tail;
        this.follower = follower;
        this.nodeLease = nodeLease;
        this.sequencer = sequencer;
        this.reads = reads;
        this.presence = presence;
        this.outbox = outbox;
        this.failures = failures;
    }

    void start(ChatConfig config, InstantSource clock) {
        every(config.retentionInterval(), config.retentionInterval(), () -> trim(config, clock));
        every(PAGE_LIFETIME, PAGE_LIFETIME, reads::sweep);
        if (store.isBlocking()) {
            fill(new TailFill(store, tail, clock.instant(), config.tailAge()));
        }
        // Expiry begins after the grace time: when all nodes were stopped, participants that come back within the grace
        // time have never left.
        if (store.isShared()) {
            every(REFRESH_INTERVAL, REFRESH_INTERVAL, reads::refresh);
            every(NodeLease.RENEWAL, NodeLease.RENEWAL, () -> sequencer.execute(renewal));
            every(config.presenceGrace(), NodeLease.RENEWAL, () -> sequencer.execute(expiry));
        } else {
            schedule(config.presenceGrace(), () -> sequencer.execute(expiry));
        }
        if (store.isBlocking()) {
            every(OVERDUE_INTERVAL, OVERDUE_INTERVAL, sequencer::failOverdue);
        }
        if (store.hasOutbox()) {
            every(Duration.ZERO, OUTBOX_INTERVAL, this::pollOutbox);
        }
    }

    /** Releases the messages of the outbox soon, if the store has an outbox. */
    void pollOutbox() {
        if (store.hasOutbox()) {
            sequencer.execute(outboxPage);
        }
    }

    /** Runs {@code task} in 1 s, or never if the node is closed by then. */
    void later(Runnable task) {
        schedule(RETRY_DELAY, task);
    }

    /** Runs between two batches. */
    private void renew() {
        if (!nodeLease.renew()) {
            presence.joinAgain();
        }
    }

    /** Runs between two batches; the next page follows after the next batch. */
    private void takeOutboxPage() {
        try {
            MessageStore.Appended page = store.takeOutbox();
            failures.succeeded(OUTBOX);
            if (page == null) {
                outbox.foundEmpty();
            } else {
                follower.accept(page, e -> {
                    throw e;
                });
                sequencer.execute(outboxPage);
            }
        } catch (StoreException e) {
            failures.failed(OUTBOX, e);
            // The page may be stored nevertheless.
            reads.refresh();
        }
    }

    /** Runs between two batches; the rest of the participants follows after the next batch. */
    private void expire() {
        try {
            boolean isMore = nodeLease.expireSome();
            failures.succeeded(EXPIRY);
            if (isMore) {
                sequencer.execute(expiry);
            }
        } catch (StoreException e) {
            failures.failed(EXPIRY, e);
            if (!store.isShared()) {
                later(() -> sequencer.execute(expiry));
            }
        }
    }

    /** Runs the steps one after the other. Between two steps, other reads get their turn. */
    private void fill(TailFill fill) {
        if (!fill.isNeeded()) {
            return;
        }
        reads.fill(fill).whenComplete((isMore, failure) -> {
            if (failure == null && isMore) {
                fill(fill);
            } else if (failure != null && ChatException.of(failure).reason() != Reason.INTERNAL) {
                later(() -> fill(fill));
            }
        });
    }

    private void trim(ChatConfig config, InstantSource clock) {
        tail.evictThrough(MessageId.floorOf(clock.instant().minus(config.tailAge())));
        reads.run(() -> {
            tail.trim(store.trim(config.retention()));
            return (Void) null;
        });
    }

    private void schedule(Duration delay, Runnable task) {
        try {
            timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Closed before a retry");
        }
    }

    private void every(Duration first, Duration interval, Runnable task) {
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        LOG.error("A regular task failed", e);
                    }
                },
                first.toMillis(),
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }
}
