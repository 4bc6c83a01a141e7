package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A request whose head was seen before, and what it was found to be then. Confined to the event loop. */
final class KnownHead extends DefaultHttpRequest {
    /** The head's. On the heap and unpooled: nobody releases them. */
    final ByteBuf bytes;

    /** Bytes; not negative. */
    final int bodyLength;

    final Routes routes;
    final RequestHead head;

    /** The foreign origin that it comes from and that is allowed. */
    final @Nullable String granted;

    /** Where it goes to, when it passed all checks. */
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
