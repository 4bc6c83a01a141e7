package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/** A whole request whose head is known, and its body. */
final class Repetition extends DefaultByteBufHolder {
    final RepeatedRequest request;

    /** @param body taken over */
    Repetition(RepeatedRequest request, ByteBuf body) {
        super(body);
        this.request = request;
    }
}
