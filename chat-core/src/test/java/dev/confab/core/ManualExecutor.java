package dev.confab.core;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Runs tasks when a test says so, on the test's thread, in the order they came. Tasks may come from any thread. */
public final class ManualExecutor implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public synchronized void execute(Runnable task) {
        tasks.add(task);
    }

    /** How many tasks wait. */
    public synchronized int size() {
        return tasks.size();
    }

    /** Runs the task that waits longest; false when there is none. */
    public boolean runOne() {
        Runnable task = poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    /** Runs all, those that come meanwhile too. */
    public void runAll() {
        while (runOne()) {
            // It did.
        }
    }

    private synchronized Runnable poll() {
        return tasks.poll();
    }
}
