package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request whose head was seen before, with the results of parsing and checking that head. Confined to the event loop.
 */
final class KnownHead extends DefaultHttpRequest {
    /** The bytes of the head. On the heap and unpooled, so they are never released. */
    final ByteBuf bytes;

    /** In bytes; not negative. */
    final int bodyLength;

    final Routes routes;
    final RequestHead head;

    /** The foreign origin that the request comes from, if that origin is allowed; otherwise null. */
    final @Nullable String granted;

    /** The endpoint that handles the request; null until a request with this head has passed all checks. */
    @Nullable
    Endpoint endpoint;

    KnownHead(ByteBuf bytes, Routes routes, HttpRequest request, int bodyLength) {
        super(request.protocolVersion(), request.method(), request.uri(), request.headers());
        setDecoderResult(request.decoderResult());
        this.bytes = bytes;
        this.bodyLength = bodyLength;
        this.routes = routes;
        this.head = new RequestHead(this);
        this.granted = routes.origins().granted(headers());
    }
}
