package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/** A whole request whose head is known, and its body. */
final class KnownRequest extends DefaultByteBufHolder {
    final KnownHead request;

    /** @param body taken over */
    KnownRequest(KnownHead request, ByteBuf body) {
        super(body);
        this.request = request;
    }
}
