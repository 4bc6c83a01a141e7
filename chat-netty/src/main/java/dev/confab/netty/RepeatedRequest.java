package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A request that was seen before, and what it was found to be then. Confined to the event loop. */
final class RepeatedRequest extends DefaultHttpRequest {
    private final ByteBuf bytes;
    private final Routes routes;
    private @Nullable RequestHead head;
    private @Nullable Endpoint endpoint;

    /** @param bytes on the heap, unpooled; its own from now on */
    RepeatedRequest(ByteBuf bytes, Routes routes, HttpRequest request) {
        super(request.protocolVersion(), request.method(), request.uri(), request.headers());
        setDecoderResult(request.decoderResult());
        this.bytes = bytes;
        this.routes = routes;
    }

    ByteBuf bytes() {
        return bytes;
    }

    Routes routes() {
        return routes;
    }

    /** Made once. */
    RequestHead head() {
        RequestHead known = head;
        if (known == null) {
            known = new RequestHead(this);
            head = known;
        }
        return known;
    }

    /** Where it goes to, when it passed all checks. */
    @Nullable
    Endpoint endpoint() {
        return endpoint;
    }

    void dispatchedTo(Endpoint found) {
        endpoint = found;
    }
}
