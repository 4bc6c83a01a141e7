package dev.confab.websocket;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Assembles messages from a client's frames, and enforces the limits on messages and control frames. Confined to the
 * event loop.
 */
final class Intake {
    private static final long CONTROL_WINDOW = TimeUnit.SECONDS.toNanos(1);

    private final WebSocketConfig config;
    private SocketListener listener;
    private @Nullable Assembly assembly;
    private int controlFrames;
    private long controlSince;

    /** @param listener receives the messages */
    Intake(WebSocketConfig config, SocketListener listener) {
        this.config = config;
        this.listener = listener;
    }

    void listenBy(SocketListener next) {
        listener = next;
    }

    /**
     * Counts a ping or pong that has arrived.
     *
     * @return the reason why the connection fails; null when the connection stays open
     */
    @Nullable
    CloseCode countControl() {
        long now = System.nanoTime();
        if (controlFrames == 0 || now - controlSince >= CONTROL_WINDOW) {
            controlSince = now;
            controlFrames = 0;
        }
        controlFrames++;
        return controlFrames > config.maxControlFrames() ? CloseCode.TOO_MANY_CONTROL_FRAMES : null;
    }

    /**
     * Adds a frame of a message, and passes on the message when it is complete.
     *
     * @param frame is not released here
     * @return the reason why the connection fails; null when the connection stays open
     */
    @Nullable
    CloseCode take(WebSocketFrame frame, ByteBufAllocator allocator) {
        Assembly parts = assembly;
        if (parts == null && frame.isFinalFragment()) {
            boolean isText = frame instanceof TextWebSocketFrame;
            if (isText && Utf8.check(Utf8.BOUNDARY, frame.content()) != Utf8.BOUNDARY) {
                return CloseCode.INVALID_UTF8;
            }
            listener.message(frame.content(), isText);
            return null;
        }
        if (parts == null) {
            parts = new Assembly(allocator, frame instanceof TextWebSocketFrame);
            assembly = parts;
        }
        CloseCode failure = parts.add(frame.content(), frame.isFinalFragment(), config);
        if (failure == null && frame.isFinalFragment()) {
            assembly = null;
            try {
                listener.message(parts.whole(), parts.isText());
            } finally {
                parts.release();
            }
        }
        return failure;
    }

    /** Returns the size of the buffer of an incomplete message, in bytes. */
    long held() {
        Assembly parts = assembly;
        return parts == null ? 0 : parts.whole().capacity();
    }

    /** Releases a message that will not be completed. */
    void release() {
        Assembly parts = assembly;
        assembly = null;
        if (parts != null) {
            parts.release();
        }
    }
}
