package dev.confab.websocket;

import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.netty.AccessEnd;
import dev.confab.netty.AccessWatch;
import dev.confab.netty.Identity;
import dev.confab.netty.Operation;
import dev.confab.netty.Principal;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The access of a session's client, and the decision about it that is awaited. Confined to the event loop. */
final class ClientAccess {
    private final Identity identity;
    private @Nullable AccessWatch watch;
    private boolean isDeciding;

    ClientAccess(Identity identity) {
        this.identity = identity;
    }

    /** @param end runs once at most, when the access ends before {@link #close} is called */
    void watch(Consumer<AccessEnd> end) {
        watch = identity.watch(end);
    }

    void close() {
        if (watch != null) {
            watch.cancel();
        }
    }

    /** Returns whether a decision about a frame is awaited. No frame is read until then, so frames keep their order. */
    boolean isDeciding() {
        return isDeciding;
    }

    /** Returns the decision, which is complete, or completes on the event loop when it is no longer awaited. */
    CompletableFuture<Boolean> permits(Operation operation, Room room) {
        return awaited(identity.permits(operation, room));
    }

    Draft sign(Draft draft) {
        return identity.sign(draft);
    }

    /**
     * Takes a newer token. If it is refused, or does not permit all of these rooms, the access lasts until the earlier
     * token expires.
     */
    CompletableFuture<Principal> authenticate(String token, RoomSet rooms) {
        return awaited(identity.authenticate(token, rooms));
    }

    private <T> CompletableFuture<T> awaited(CompletableFuture<T> decision) {
        if (decision.isDone()) {
            return decision;
        }
        isDeciding = true;
        return decision.whenComplete((value, failure) -> isDeciding = false);
    }
}
