package dev.confab.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** A message whose fragments are still arriving. Confined to the event loop. */
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

    /** Returns the bytes that have arrived so far. This object releases the buffer. */
    ByteBuf whole() {
        return whole;
    }

    /**
     * Adds the next fragment.
     *
     * @param fragment is not released here
     * @return the reason why the connection fails; null when the connection stays open
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
