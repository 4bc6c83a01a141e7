package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/** A complete request: a known head, and the body. */
final class KnownRequest extends DefaultByteBufHolder {
    final KnownHead known;

    /** @param body is released with this object */
    KnownRequest(KnownHead known, ByteBuf body) {
        super(body);
        this.known = known;
    }
}
