package dev.confab.core;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Knows the state of the outbox without a wait for the store. The number of rows is read again, in the background, when
 * the last number is older than {@link #LIFETIME}. Nothing is read while nobody asks. Thread-safe.
 */
final class OutboxWatch {
    private static final Duration LIFETIME = Duration.ofSeconds(5);

    private static final long UNKNOWN = -1;

    private final MessageStore store;
    private final Reads reads;
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile long rows = UNKNOWN;
    private volatile long readAt = System.nanoTime() - LIFETIME.toNanos();
    private volatile long emptyAt = System.nanoTime();

    OutboxWatch(MessageStore store, Reads reads) {
        this.store = store;
        this.reads = reads;
    }

    /** Records that the node has just found the outbox empty. */
    void foundEmpty() {
        emptyAt = System.nanoTime();
    }

    ChatStats.@Nullable Outbox state() {
        if (!store.hasOutbox()) {
            return null;
        }
        long now = System.nanoTime();
        if (now - readAt >= LIFETIME.toNanos()) {
            read();
        }
        long known = rows;
        return known == UNKNOWN
                ? null
                : new ChatStats.Outbox(known, Duration.ofNanos(known == 0 ? 0 : Math.max(0, now - emptyAt)));
    }

    private void read() {
        if (reading.compareAndSet(false, true)) {
            reads.run(store::outboxRows).whenComplete((read, failure) -> {
                rows = failure == null ? read : UNKNOWN;
                readAt = System.nanoTime();
                reading.set(false);
            });
        }
    }
}
