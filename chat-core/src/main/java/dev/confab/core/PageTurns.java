package dev.confab.core;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs reads of pages on the threads that read, in the order of their arrival, but only a few at a time. So a short
 * read, such as the search for a reader's start, does not wait until the pages of all other readers are read.
 * Thread-safe.
 */
final class PageTurns implements Executor {
    private final Executor threads;
    private final int mostRunning;
    private final int mostWaiting;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    /** @param mostWaiting the number of waiting reads above which a further read is rejected */
    PageTurns(Executor threads, int mostRunning, int mostWaiting) {
        this.threads = threads;
        this.mostRunning = mostRunning;
        this.mostWaiting = mostWaiting;
    }

    @Override
    public void execute(Runnable read) {
        if (mustWait(read)) {
            return;
        }
        try {
            threads.execute(() -> run(read));
        } catch (RejectedExecutionException e) {
            next();
            throw e;
        }
    }

    private synchronized boolean mustWait(Runnable read) {
        if (running < mostRunning) {
            running++;
            return false;
        }
        if (waiting.size() >= mostWaiting) {
            throw new RejectedExecutionException("Too many reads are waiting");
        }
        waiting.add(read);
        return true;
    }

    private void run(Runnable read) {
        try {
            read.run();
        } finally {
            next();
        }
    }

    /** Gives the turn to the next read. The read goes behind the short reads that wait for a thread. */
    private void next() {
        Runnable next = poll();
        if (next == null) {
            return;
        }
        try {
            threads.execute(() -> run(next));
        } catch (RejectedExecutionException e) { // the threads end, or are busy: the read runs on this thread
            run(next);
        }
    }

    private synchronized @Nullable Runnable poll() {
        Runnable next = waiting.poll();
        if (next == null) {
            running--;
        }
        return next;
    }
}
