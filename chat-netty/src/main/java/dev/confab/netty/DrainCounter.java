package dev.confab.netty;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the open connections of an endpoint, so that a drain ends when the last connection has ended. Safe for any
 * thread.
 */
public final class DrainCounter {
    private final AtomicInteger open = new AtomicInteger();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean draining;

    /** Creates a counter without connections. */
    public DrainCounter() {}

    /** Counts a connection that begins. */
    public void opened() {
        open.incrementAndGet();
    }

    /** Counts a connection that has ended. Called once for each call of {@link #opened}. */
    public void closed() {
        open.decrementAndGet();
        completeIfDrained();
    }

    /** Returns the number of connections that have begun and not ended. */
    public int open() {
        return open.get();
    }

    /** Returns whether {@link #drain} was called. From then on, the endpoint begins no further connections. */
    public boolean isDraining() {
        return draining;
    }

    /** Begins the drain. */
    public void drain() {
        draining = true;
    }

    /**
     * Returns a stage that completes when the drain has begun and no connection is open. The endpoint calls this method
     * after it has asked its connections to end.
     */
    public CompletionStage<Void> drained() {
        completeIfDrained();
        return drained;
    }

    private void completeIfDrained() {
        if (draining && open.get() == 0) {
            drained.complete(null);
        }
    }
}
