package dev.confab.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** A message that comes in fragments, while it does. Confined to the event loop. */
final class Assembly {
    private static final int INITIAL = 512;

    private final boolean isText;
    private final ByteBuf whole;
    private int fragments;
    private int utf8 = Utf8.BOUNDARY;

    Assembly(ByteBufAllocator allocator, boolean isText) {
        this.isText = isText;
        this.whole = allocator.buffer(INITIAL);
    }

    boolean isText() {
        return isText;
    }

    /** What there is; stays this object's. */
    ByteBuf whole() {
        return whole;
    }

    /**
     * Takes the next fragment in.
     *
     * @param fragment stays the caller's
     * @return why the connection fails, or null when it goes on
     */
    @Nullable
    CloseCode add(ByteBuf fragment, boolean isLast, WebSocketConfig config) {
        fragments++;
        if (fragments > config.maxFragments()) {
            return CloseCode.TOO_MANY_FRAGMENTS;
        }
        if (fragment.readableBytes() > config.maxMessage() - whole.readableBytes()) {
            return CloseCode.TOO_BIG;
        }
        if (isText) {
            utf8 = Utf8.check(utf8, fragment);
            if (utf8 == Utf8.BROKEN || (isLast && utf8 != Utf8.BOUNDARY)) {
                return CloseCode.INVALID_UTF8;
            }
        }
        whole.writeBytes(fragment, fragment.readerIndex(), fragment.readableBytes());
        return null;
    }

    void release() {
        whole.release();
    }
}
