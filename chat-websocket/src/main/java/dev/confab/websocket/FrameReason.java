package dev.confab.websocket;

import java.util.Locale;

/** Why a client's message was not understood. The connection goes on. The {@linkplain #code() code} is stable and goes to clients. */
enum FrameReason {
    /** Not a JSON object. */
    INVALID_JSON,
    /** A {@code type} that does not exist. */
    UNKNOWN_TYPE,
    /** A field is missing or of the wrong kind. */
    INVALID_FRAME;

    private final String code = name().toLowerCase(Locale.ROOT);

    String code() {
        return code;
    }
}
