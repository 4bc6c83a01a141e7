package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;
import org.jspecify.annotations.Nullable;

/** A complete request: a known line, known headers, and the body. */
final class KnownRequest extends DefaultByteBufHolder {
    private final KnownLine line;
    private final KnownHeaders headers;

    /** @param body is released with this object */
    KnownRequest(KnownLine line, KnownHeaders headers, ByteBuf body) {
        super(body);
        this.line = line;
        this.headers = headers;
    }

    RequestHead head() {
        return new RequestHead(line.line(), headers.headers(), headers.wantsKeepAlive());
    }

    Endpoint endpoint() {
        return line.endpoint();
    }

    /** Returns the foreign origin that the request comes from, if that origin is allowed; otherwise null. */
    @Nullable
    String granted() {
        return headers.granted();
    }
}
