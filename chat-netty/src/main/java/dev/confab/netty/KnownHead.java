package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A head that was seen before, with the results of parsing, checking and routing it.
 *
 * @param bytes the bytes of the head; on the heap and unpooled, so they are never released
 * @param bodyLength the length of the body, in bytes; not negative
 * @param routes the routes that found the endpoint
 * @param granted the foreign origin that the request comes from, if that origin is allowed; otherwise null
 * @param endpoint the endpoint that handles the request
 */
record KnownHead(
        ByteBuf bytes,
        int bodyLength,
        Routes routes,
        RequestHead head,
        @Nullable String granted,
        Endpoint endpoint) {
    /** Creates the known form of a request that has passed all checks of {@code routes}. */
    static KnownHead of(CacheableRequest request, RequestHead head, Routes routes, Endpoint endpoint) {
        return new KnownHead(
                request.bytes,
                request.bodyLength,
                routes,
                head,
                routes.origins().granted(request.headers()),
                endpoint);
    }
}
