package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/** A complete request: a known head, and the body. */
final class KnownRequest extends DefaultByteBufHolder {
    final KnownHead request;

    /** @param body is released with this object */
    KnownRequest(KnownHead request, ByteBuf body) {
        super(body);
        this.request = request;
    }
}
