package dev.confab.netty;

import org.jspecify.annotations.Nullable;

/** An action of a {@link TimerWheel} that is due at a certain time. Confined to the event loop. */
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

    /** Cancels the action, unless it has already run. May be called repeatedly, and also after the action has run. */
    public void cancel() {
        action = null;
        if (isInWheel) {
            owner.remove(this);
        }
    }
}
