package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;

/** A request that is added to the {@link RequestCache} when it has passed all checks and has an endpoint. */
final class CacheableRequest extends DefaultHttpRequest {
    /** The bytes of the head. On the heap and unpooled, so they are never released. */
    final ByteBuf bytes;

    /** In bytes; not negative. */
    final int bodyLength;

    CacheableRequest(ByteBuf bytes, int bodyLength, HttpRequest request) {
        super(request.protocolVersion(), request.method(), request.uri(), request.headers());
        setDecoderResult(request.decoderResult());
        this.bytes = bytes;
        this.bodyLength = bodyLength;
    }
}
