package dev.confab.websocket;

import java.util.Locale;

/**
 * The reason why a client's message was not understood. The connection stays open. The {@linkplain #code() code} is
 * stable and is sent to clients.
 */
enum FrameReason {
    /** The message is not a JSON object. */
    INVALID_JSON,
    /** The {@code type} is unknown. */
    UNKNOWN_TYPE,
    /** A field is missing or has the wrong type. */
    INVALID_FRAME;

    private final String code = name().toLowerCase(Locale.ROOT);

    String code() {
        return code;
    }
}
