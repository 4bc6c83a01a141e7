package dev.confab.websocket;

import dev.confab.core.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Why this side ends a connection, as its close frame says it. After 1001, 1011, 1012, 1013 and 4000 to 4499 a client is to come back
 * with its cursor; after the others the same would happen again.
 */
enum CloseCode {
    /** The server goes down; another one, or the next one, takes over. */
    GOING_AWAY(1001, "the server is shutting down"),
    /** Not WebSocket as in RFC 6455. */
    PROTOCOL_ERROR(1002, "not as in RFC 6455"),
    /** A binary message: all frames here are JSON text. */
    UNSUPPORTED_DATA(1003, "binary message (expected: text)"),
    INVALID_UTF8(1007, "text that is not UTF-8"),
    TOO_MANY_FRAGMENTS(1008, "too many fragments in a message"),
    TOO_MANY_CONTROL_FRAMES(1008, "too many pings and pongs in a second"),
    REFUSED(1008, "refused"),
    TOO_BIG(1009, "message too big"),
    INTERNAL(1011, "the server failed"),
    /** All connections together hold more unfinished input than the server may keep. */
    OVERLOADED(1013, "the server is overloaded: try again later"),
    /** Nothing was heard for two rounds of pings. */
    SILENT(4408, "nothing heard"),
    /** Nothing of what was sent was taken. */
    SLOW(4409, "nothing taken");

    private final int code;
    private final String phrase;

    CloseCode(int code, String phrase) {
        this.code = code;
        this.phrase = phrase;
    }

    /** The status code of RFC 6455 section 7.4. */
    int code() {
        return code;
    }

    /** The frame's text: for people, ASCII, at most 123 bytes. */
    String phrase() {
        return phrase;
    }

    /** What ends a reader for which the log cannot be read; null when it stays, and is read for again in a second. */
    static @Nullable CloseCode whenReadingFails(Reason reason) {
        return switch (reason) {
            case OVERLOADED, UNAVAILABLE, OUTCOME_UNKNOWN -> null;
            case DRAINING -> GOING_AWAY;
            case INVALID_ROOM,
                    INVALID_NICK,
                    INVALID_BODY,
                    INVALID_TEXT,
                    INVALID_KEY,
                    INVALID_CURSOR,
                    MESSAGE_TOO_LARGE,
                    KEY_CONFLICT,
                    REFUSED -> CloseCode.REFUSED;
            case INTERNAL -> CloseCode.INTERNAL;
        };
    }
}
