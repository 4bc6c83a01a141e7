package dev.confab.websocket;

import dev.confab.core.Reason;
import dev.confab.netty.AccessEnd;
import dev.confab.netty.CloseCause;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import org.jspecify.annotations.Nullable;

/**
 * The reason why this side ends a connection, as sent in the close frame. After 1001, 1011, 1012, 1013 and 4000 to
 * 4499, a client should reconnect with its cursor. After the other codes, a new connection would fail in the same way.
 */
enum CloseCode {
    /** The server is shutting down; the client can continue on another server, or on this server after its restart. */
    GOING_AWAY(1001, "the server is shutting down"),
    /** The input does not conform to RFC 6455. */
    PROTOCOL_ERROR(1002, "not as in RFC 6455"),
    /** The client sent a binary message. All messages must be JSON text. */
    UNSUPPORTED_DATA(1003, "binary message (expected: text)"),
    INVALID_UTF8(1007, "text that is not UTF-8"),
    TOO_MANY_FRAGMENTS(1008, "too many fragments in a message"),
    TOO_MANY_CONTROL_FRAMES(1008, "too many pings and pongs in a second"),
    REFUSED(1008, "refused"),
    TOO_BIG(1009, "message too big"),
    INTERNAL(1011, "the server failed"),
    /** All connections together hold more unprocessed input than the server's budget allows. */
    OVERLOADED(1013, "the server is overloaded: try again later"),
    /** The client has sent nothing for two rounds of pings. */
    SILENT(4408, "nothing heard"),
    /** The client has taken none of the data sent to it. */
    SLOW(4409, "nothing taken"),
    /** The principal has expired. The client may come back with a new token. */
    EXPIRED(4401, "the token has expired: come back with a new one"),
    /** The principal has too many connections. */
    CROWDED(4429, "too many connections"),
    /** The client sent no valid token in time. */
    UNAUTHENTICATED(4501, "no valid token"),
    /** The client may not read the rooms. */
    FORBIDDEN(4503, "forbidden"),
    /** The access was revoked, on this node or another. */
    REVOKED(4504, "the access was revoked");

    private final int code;
    private final String phrase;

    CloseCode(int code, String phrase) {
        this.code = code;
        this.phrase = phrase;
    }

    /** Returns the status code, as in RFC 6455 section 7.4. */
    int code() {
        return code;
    }

    /** Returns the text of the close frame: for people, in ASCII, at most 123 bytes. */
    String phrase() {
        return phrase;
    }

    /** Returns the cause that is reported for a connection that this side closes with this code. */
    CloseCause cause() {
        return switch (this) {
            case GOING_AWAY -> CloseCause.DRAINING;
            case INTERNAL -> CloseCause.FAULT;
            case OVERLOADED -> CloseCause.OVERLOADED;
            case SILENT -> CloseCause.SILENT;
            case SLOW -> CloseCause.SLOW;
            default -> CloseCause.REJECTED;
        };
    }

    /** @param status the status with which Netty's decoder rejected the input */
    static CloseCode whenDecodingFails(WebSocketCloseStatus status) {
        return switch (status.code()) {
            case 1007 -> INVALID_UTF8;
            case 1009 -> TOO_BIG;
            default -> PROTOCOL_ERROR;
        };
    }

    static CloseCode of(AccessEnd end) {
        return switch (end) {
            case EXPIRED -> EXPIRED;
            case REVOKED -> REVOKED;
            case CROWDED -> CROWDED;
        };
    }

    /**
     * Returns the code that closes a reader for which the log cannot be read; null when the reader stays, and the read
     * is tried again after a second.
     */
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
                    INVALID_EVENT,
                    MESSAGE_TOO_LARGE,
                    KEY_CONFLICT,
                    REFUSED -> CloseCode.REFUSED;
            case INTERNAL -> CloseCode.INTERNAL;
        };
    }
}
