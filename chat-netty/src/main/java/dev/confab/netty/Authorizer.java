package dev.confab.netty;

import dev.confab.core.Room;
import java.util.concurrent.CompletableFuture;

/**
 * Decides who may do what in which room. The decision holds on all transports alike. Must be safe for any thread.
 */
@FunctionalInterface
public interface Authorizer {
    /** Permits everything to every principal. */
    Authorizer ALL = (principal, room, operation) -> Decision.YES;

    /**
     * Decides about one operation. Called on an event loop, so this method must not block. The decision is used again
     * on the same connection for {@link AccessConfig#decisionLifetime()}, but not after the principal's expiry or
     * revocation.
     *
     * @return a future that completes with whether the operation is permitted, never with null. If it fails, does not
     *     complete within 10 s, or the method throws, the operation is refused with the same status as after
     *     {@link Authenticator#authenticate}
     */
    CompletableFuture<Boolean> permits(Principal principal, Room room, Operation operation);
}
