package dev.confab.core;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where a service's work is done. The threads are daemons and start when there is something to do.
 *
 * @param append one batch after the other
 * @param read reads from the store
 * @param timer for what is regular or later; never blocks
 */
record Threads(Executor append, Executor read, ScheduledExecutorService timer) {
    /** Reads that wait for a thread; the next one is {@link Reason#OVERLOADED}. */
    private static final int MAX_QUEUED_READS = 10_000;

    /** Threads of its own for a store that blocks; else the caller's. */
    static Threads of(MessageStore store, ChatConfig config) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(named("confab-timer"));
        if (!store.isBlocking()) {
            return new Threads(Runnable::run, Runnable::run, timer);
        }
        Executor append = Executors.newSingleThreadExecutor(named("confab-append"));
        return new Threads(append, readers(config.readThreads()), timer);
    }

    /** Lets what has begun, and what waits, come to its end. */
    void close() {
        timer.shutdownNow();
        shutdown(append);
        shutdown(read);
    }

    private static void shutdown(Executor executor) {
        if (executor instanceof ExecutorService service) {
            service.shutdown();
        }
    }

    private static ExecutorService readers(int count) {
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_QUEUED_READS),
                named("confab-read"),
                new ThreadPoolExecutor.AbortPolicy());
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
