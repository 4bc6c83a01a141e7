package dev.confab.websocket;

import java.util.Locale;

/**
 * The reason why a client's message was not understood or not carried out. The connection stays open. The
 * {@linkplain #code() code} is stable and is sent to clients.
 */
enum FrameReason {
    /** The message is not a JSON object. */
    INVALID_JSON,
    /** The {@code type} is unknown. */
    UNKNOWN_TYPE,
    /** A field is missing or has the wrong type. */
    INVALID_FRAME,
    /** The connection has sent more signals than it may. */
    TOO_MANY_SIGNALS,
    /** The connection reads the room already. */
    ALREADY_SUBSCRIBED,
    /** The connection does not read the room. */
    NOT_SUBSCRIBED,
    /** The connection reads as many rooms as it may. */
    TOO_MANY_ROOMS,
    /** The room is the only one that the connection reads. */
    LAST_ROOM;

    private final String code = name().toLowerCase(Locale.ROOT);

    String code() {
        return code;
    }
}
