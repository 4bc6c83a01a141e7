package dev.confab.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many deadlines on one event loop, kept by one timer: a wheel of 100 ms ticks, and no timer while there is nothing to wait
 * for. An action runs when its time is over, up to a tick and a bit late, never early. Confined to the event loop.
 */
public final class TimerWheel {
    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A power of two; what is further away than one turn stays in its slot for another. */
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

    /** Those of {@code loop}, on which it is called. */
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
     * Runs {@code action} on the event loop, unless it is cancelled before.
     *
     * @param millis from now, 0 or more
     */
    public Timeout in(long millis, Runnable action) {
        long due = System.nanoTime() - origin + TimeUnit.MILLISECONDS.toNanos(millis);
        if (count == 0) {
            done = nowTick();
        }
        // The tick that begins when the time is over, and in no case one that has been.
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
        // After a long pause one turn sees every slot.
        long first = Math.max(done + 1, now - SLOTS + 1);
        done = now;
        for (long tick = first; tick <= now && count > 0; tick++) {
            expire(slot(tick), now);
        }
        arm();
    }

    /** Takes out all that is due first: an action may cancel or add others. */
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
