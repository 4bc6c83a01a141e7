package dev.confab.core;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Runs tasks when a test calls for it, on the test's thread and in the order of arrival. Any thread may add tasks. */
public final class ManualExecutor implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public synchronized void execute(Runnable task) {
        tasks.add(task);
    }

    /** The number of waiting tasks. */
    public synchronized int size() {
        return tasks.size();
    }

    /** Runs the task that has waited longest. Returns false when there is none. */
    public boolean runOne() {
        Runnable task = poll();
        if (task == null) {
            return false;
        }
        task.run();
        return true;
    }

    /** Runs all tasks, including tasks that are added meanwhile. */
    public void runAll() {
        while (runOne()) {
            // The condition runs the task.
        }
    }

    private synchronized Runnable poll() {
        return tasks.poll();
    }
}
