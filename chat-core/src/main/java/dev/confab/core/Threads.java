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
 * The executors of a service. Their threads are daemons and start when there is work.
 *
 * @param append appends batches, one after the other
 * @param read reads from the store; for short reads
 * @param pages reads pages from the store, on the threads of {@code read}
 * @param timer runs periodic and delayed tasks, which never block
 */
record Threads(Executor append, Executor read, Executor pages, ScheduledExecutorService timer) {
    /** The maximum number of reads that wait for a thread. Further reads fail with {@link Reason#OVERLOADED}. */
    private static final int MAX_QUEUED_READS = 10_000;

    /**
     * Returns separate threads for a store that blocks. With other stores, appends and reads run on the caller's
     * thread.
     */
    static Threads of(MessageStore store, ChatConfig config) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(named("confab-timer"));
        if (!store.isBlocking()) {
            return new Threads(Runnable::run, Runnable::run, Runnable::run, timer);
        }
        Executor append = Executors.newSingleThreadExecutor(named("confab-append"));
        Executor read = readers(config.readThreads());
        // One thread is left for short reads, if there are several.
        PageTurns pages = new PageTurns(read, Math.max(1, config.readThreads() - 1), MAX_QUEUED_READS);
        return new Threads(append, read, pages, timer);
    }

    /** Stops the timer. Running and waiting appends and reads finish. */
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
