package dev.confab.core;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer for which any time may have passed: its tasks run when a test says so. It starts no thread. */
public final class ManualTimer extends ScheduledThreadPoolExecutor {
    private final List<Runnable> regular = new ArrayList<>();
    private final ManualExecutor later = new ManualExecutor();

    public ManualTimer() {
        super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        later.execute(task);
        return null;
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initial, long delay, TimeUnit unit) {
        regular.add(task);
        return null;
    }

    /** Runs one of the tasks that are due, any of them. */
    void tick(Random random) {
        if (!later.runOne()) {
            regular.get(random.nextInt(regular.size())).run();
        }
    }

    /** Starts a service whose regular tasks run only by this timer. */
    public ChatService start(MessageStore store, ChatConfig config) {
        Threads threads = Threads.of(store, config);
        return new ChatService(
                store, config, InstantSource.system(), new Threads(threads.append(), threads.read(), this));
    }

    /** Runs all that is due. */
    public void runAll() {
        later.runAll();
        regular.forEach(Runnable::run);
    }
}
