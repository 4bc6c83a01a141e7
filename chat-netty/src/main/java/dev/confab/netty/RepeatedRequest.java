package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A request that was seen before, and what it was found to be then. Confined to the event loop. */
final class RepeatedRequest extends DefaultHttpRequest {
    /** On the heap and unpooled: nobody releases them. */
    final ByteBuf bytes;

    final Routes routes;
    final RequestHead head;

    /** Where it goes to, when it passed all checks. */
    @Nullable
    Endpoint endpoint;

    RepeatedRequest(ByteBuf bytes, Routes routes, HttpRequest request) {
        super(request.protocolVersion(), request.method(), request.uri(), request.headers());
        setDecoderResult(request.decoderResult());
        this.bytes = bytes;
        this.routes = routes;
        this.head = new RequestHead(this);
    }
}
