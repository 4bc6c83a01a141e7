package dev.confab.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs many actions at their deadlines on one event loop with a single timer: a timer wheel with ticks of 100 ms. The
 * timer does not run while there are no deadlines. An action never runs early, and runs at most slightly more than one
 * tick late. Confined to the event loop.
 */
public final class TimerWheel {
    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * A power of two. A deadline that is further away than one turn of the wheel stays in its slot for another turn.
     */
    private static final int SLOTS = 1024;

    private static final FastThreadLocal<@Nullable TimerWheel> CURRENT = new FastThreadLocal<>();

    private final EventLoop loop;
    private final long origin = System.nanoTime();
    private final @Nullable Timeout[] slots = new @Nullable Timeout[SLOTS];
    private long done;
    private int count;
    private boolean ticking;

    private TimerWheel(EventLoop loop) {
        this.loop = loop;
    }

    /** Returns the timer wheel of {@code loop}. Must be called on this loop. */
    public static TimerWheel of(EventLoop loop) {
        if (!loop.inEventLoop()) {
            throw new IllegalStateException("Not on the event loop");
        }
        TimerWheel current = CURRENT.get();
        if (current == null || current.loop != loop) {
            current = new TimerWheel(loop);
            CURRENT.set(current);
        }
        return current;
    }

    /**
     * Schedules {@code action} to run on the event loop, unless it is cancelled before.
     *
     * @param millis the delay from now, 0 or more
     */
    public Timeout in(long millis, Runnable action) {
        long due = System.nanoTime() - origin + TimeUnit.MILLISECONDS.toNanos(millis);
        if (count == 0) {
            done = nowTick();
        }
        // The first tick that begins after the deadline, but never a tick that has already been handled.
        Timeout deadline = new Timeout(this, Math.max(done + 1, (due + TICK_NANOS - 1) / TICK_NANOS), action);
        int slot = slot(deadline.tick);
        Timeout head = slots[slot];
        deadline.next = head;
        if (head != null) {
            head.previous = deadline;
        }
        slots[slot] = deadline;
        count++;
        arm();
        return deadline;
    }

    void remove(Timeout deadline) {
        Timeout before = deadline.previous;
        Timeout after = deadline.next;
        if (before != null) {
            before.next = after;
        } else {
            slots[slot(deadline.tick)] = after;
        }
        if (after != null) {
            after.previous = before;
        }
        deadline.previous = null;
        deadline.next = null;
        deadline.isInWheel = false;
        count--;
    }

    private void arm() {
        if (!ticking && count > 0) {
            ticking = true;
            long next = (done + 1) * TICK_NANOS - (System.nanoTime() - origin);
            loop.schedule(this::tick, Math.max(next, 0), TimeUnit.NANOSECONDS);
        }
    }

    private void tick() {
        ticking = false;
        long now = nowTick();
        // After a long pause, one turn of the wheel is enough to visit every slot.
        long first = Math.max(done + 1, now - SLOTS + 1);
        done = now;
        for (long tick = first; tick <= now && count > 0; tick++) {
            expire(slot(tick), now);
        }
        arm();
    }

    /** Removes all due actions before the first of them runs, because an action may cancel or add others. */
    private void expire(int slot, long now) {
        Timeout due = null;
        Timeout next = slots[slot];
        while (next != null) {
            Timeout each = next;
            next = each.next;
            if (each.tick <= now) {
                remove(each);
                each.next = due;
                due = each;
            }
        }
        while (due != null) {
            Timeout each = due;
            due = each.next;
            each.next = null;
            run(each);
        }
    }

    private static void run(Timeout deadline) {
        Runnable action = deadline.action;
        deadline.action = null;
        if (action == null) {
            return;
        }
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("A timer task failed", e);
        }
    }

    private long nowTick() {
        return (System.nanoTime() - origin) / TICK_NANOS;
    }

    private static int slot(long tick) {
        return (int) tick & (SLOTS - 1);
    }
}
