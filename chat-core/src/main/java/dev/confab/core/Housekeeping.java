package dev.confab.core;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The regular tasks of a node: it renews its lease, expires nodes that are gone, takes over the outbox, applies retention, and
 * looks for entries of other nodes. Thread-safe; no method blocks.
 */
final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private static final String OUTBOX = "the outbox";
    private static final String EXPIRY = "the leaves of participants whose node is gone";

    /** The interval of the looks for entries of other nodes, which need no notification. */
    private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(1);

    /** The interval of the looks into the outbox, which need no call of {@link #pollOutbox}. */
    private static final Duration OUTBOX_INTERVAL = Duration.ofSeconds(1);

    /** The interval of the looks for publishes that were not stored in time. */
    private static final Duration OVERDUE_INTERVAL = Duration.ofSeconds(1);

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final MessageStore store;
    private final ScheduledExecutorService timer;
    private final Tail tail;
    private final LogFollower follower;
    private final NodeLease nodeLease;
    private final Sequencer sequencer;
    private final Reads reads;
    private final Presence presence;
    private final FailureLog failures;
    // Fields, because the sequencer does not add a task a second time while it waits.
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
            FailureLog failures) {
        this.store = store;
        this.timer = timer;
        this.tail = tail;
        this.follower = follower;
        this.nodeLease = nodeLease;
        this.sequencer = sequencer;
        this.reads = reads;
        this.presence = presence;
        this.failures = failures;
    }

    void start(ChatConfig config, InstantSource clock) {
        every(config.retentionInterval(), config.retentionInterval(), () -> trim(config, clock));
        // Expiry waits for the grace time: after a stop of all nodes, participants that come back in it never left.
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

    /** Takes over the outbox soon, when the store has one. */
    void pollOutbox() {
        if (store.hasOutbox()) {
            sequencer.execute(outboxPage);
        }
    }

    /** Runs {@code task} in 1 s, or never when the node is closed by then. */
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
            if (page != null) {
                follower.accept(page);
                sequencer.execute(outboxPage);
            }
        } catch (StoreException e) {
            failures.failed(OUTBOX, e);
            // The page may be stored all the same.
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
