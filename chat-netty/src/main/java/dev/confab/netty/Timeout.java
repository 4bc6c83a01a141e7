package dev.confab.netty;

import org.jspecify.annotations.Nullable;

/** An action that is due at some time, made by {@link TimerWheel}. Confined to the event loop. */
public final class Timeout {
    final TimerWheel owner;
    final long tick;

    @Nullable
    Runnable action;

    @Nullable
    Timeout previous;

    @Nullable
    Timeout next;

    boolean isInWheel = true;

    Timeout(TimerWheel owner, long tick, Runnable action) {
        this.owner = owner;
        this.tick = tick;
        this.action = action;
    }

    /** Makes sure that the action is not run from now on. May be called often, and after it was run. */
    public void cancel() {
        action = null;
        if (isInWheel) {
            owner.remove(this);
        }
    }
}
