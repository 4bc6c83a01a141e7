package dev.confab.netty;

import java.util.concurrent.CompletableFuture;

/**
 * Finds out who a client is. Called for each HTTP request to a guarded endpoint, and for each token in a frame of a
 * WebSocket. Must be safe for any thread.
 */
@FunctionalInterface
public interface Authenticator {
    /**
     * Returns the principal of a client. Called on an event loop, so this method must not block: an authenticator that
     * asks a database or another server does so on its own threads, and completes the future there.
     *
     * @return a future that completes with the principal, never with null. If it fails, or the method throws, the
     *     client is refused: with 401 {@code unauthenticated} after {@link HttpException#unauthenticated}, with the
     *     status of a {@link dev.confab.core.ChatException}, such as 503 after {@code UNAVAILABLE}, and with 500 after
     *     any other exception, which is logged. If it does not complete within 10 s, the client is refused with 503
     *     {@code unavailable}. No exception may contain the token
     */
    CompletableFuture<Principal> authenticate(Credentials credentials);
}
