package dev.confab.netty;

import dev.confab.core.Nick;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs an action when the access of a reader ends. Confined to the event loop, except for the methods that are safe
 * for any thread.
 */
public final class AccessWatch extends IntrusiveList.Node<AccessWatch> {
    private final Access access;
    private final Nick nick;
    private final EventLoop loop;
    private @Nullable Consumer<AccessEnd> action;
    private @Nullable Timeout expiry;
    private volatile boolean isRevoked;

    /** The number of the principal's readers when this one was added, which is included. Written by {@link Access}. */
    int rank;

    AccessWatch(Access access, Nick nick, EventLoop loop, Consumer<AccessEnd> action) {
        this.access = access;
        this.nick = nick;
        this.loop = loop;
        this.action = action;
    }

    Nick nick() {
        return nick;
    }

    /** Runs the action at the time, and not at the time of an earlier call. */
    void expireAt(@Nullable Instant time) {
        if (expiry != null) {
            expiry.cancel();
            expiry = null;
        }
        if (time != null && action != null) {
            expiry = TimerWheel.of(loop).in(access.millisUntil(time), () -> end(AccessEnd.EXPIRED));
        }
    }

    /** Revokes the access at once, and ends it as a task of the event loop. Safe for any thread. */
    void revoke() {
        isRevoked = true;
        endSoon(AccessEnd.REVOKED);
    }

    boolean isRevoked() {
        return isRevoked;
    }

    /** Returns whether the access has not ended, and this watch learns of its end. */
    boolean isActive() {
        return action != null;
    }

    /** Ends the access as a task of the event loop. Safe for any thread. */
    void endSoon(AccessEnd end) {
        try {
            loop.execute(() -> end(end));
        } catch (RejectedExecutionException e) {
            // The loop has ended, and its connections with it.
            access.remove(this);
        }
    }

    /** Returns a future that completes when the event loop has run the tasks of earlier calls. Safe for any thread. */
    CompletableFuture<Void> awaitTurn() {
        try {
            return CompletableFuture.runAsync(() -> {}, loop);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null);
        }
    }

    /** Does nothing from now on. Idempotent. */
    public void cancel() {
        if (action != null) {
            action = null;
            access.remove(this);
        }
        if (expiry != null) {
            expiry.cancel();
            expiry = null;
        }
    }

    private void end(AccessEnd end) {
        Consumer<AccessEnd> known = action;
        cancel();
        if (known != null) {
            known.accept(end);
        }
    }
}
