package dev.confab.core;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A timer without a thread: its tasks run when a test calls for them, as if any amount of time had passed. */
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

    /** Runs one delayed task, or, if there is none, a random regular task. */
    void tick(Random random) {
        if (!later.runOne()) {
            regular.get(random.nextInt(regular.size())).run();
        }
    }

    /** Starts a service whose timed tasks run only through this timer. */
    public ChatService start(MessageStore store, ChatConfig config) {
        Threads threads = Threads.of(store, config);
        return new ChatService(
                store,
                config,
                InstantSource.system(),
                new Threads(threads.append(), threads.read(), threads.pages(), this));
    }

    /** Runs all delayed tasks, then each regular task once. */
    public void runAll() {
        later.runAll();
        regular.forEach(Runnable::run);
    }
}
