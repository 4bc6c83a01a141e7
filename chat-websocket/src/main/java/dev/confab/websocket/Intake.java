package dev.confab.websocket;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a client sends, within its bounds: puts messages together, and counts control frames. Confined to the event loop. */
final class Intake {
    private static final long CONTROL_WINDOW = TimeUnit.SECONDS.toNanos(1);

    private final WebSocketConfig config;
    private final SocketListener listener;
    private @Nullable Assembly assembly;
    private int controlFrames;
    private long controlSince;

    /** @param listener gets the messages */
    Intake(WebSocketConfig config, SocketListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /**
     * A ping or pong came.
     *
     * @return why the connection fails, or null when it goes on
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
     * Takes a frame of a message, and hands the message on when it is whole.
     *
     * @param frame stays the caller's
     * @return why the connection fails, or null when it goes on
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

    /** Bytes of the buffer of a message that is not whole yet. */
    long held() {
        Assembly parts = assembly;
        return parts == null ? 0 : parts.whole().capacity();
    }

    /** Lets go of a message that will not become whole. */
    void release() {
        Assembly parts = assembly;
        assembly = null;
        if (parts != null) {
            parts.release();
        }
    }
}
