package dev.confab.netty;

import org.jspecify.annotations.Nullable;

/** An action that is due at some time, made by {@link Deadlines}. Confined to the event loop. */
public final class Deadline {
    final Deadlines owner;
    final long tick;

    @Nullable
    Runnable action;

    @Nullable
    Deadline previous;

    @Nullable
    Deadline next;

    boolean isInWheel = true;

    Deadline(Deadlines owner, long tick, Runnable action) {
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
