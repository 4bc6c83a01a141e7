package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * A request line that was decoded, checked and routed before.
 *
 * @param bytes the bytes of the line with its line break; on the heap and unpooled, so they are never released
 * @param routes the routes that found the endpoint
 * @param endpoint the endpoint that handles the request
 */
record KnownLine(ByteBuf bytes, Routes routes, RequestLine line, Endpoint endpoint) {
    /** Returns whether the bytes from {@code start} (inclusive) to {@code end} (exclusive) are this line. */
    boolean is(ByteBuf in, int start, int end) {
        return bytes.readableBytes() == end - start && ByteBufUtil.equals(in, start, bytes, 0, end - start);
    }
}
