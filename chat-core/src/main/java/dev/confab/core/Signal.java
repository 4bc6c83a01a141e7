package dev.confab.core;

import org.jspecify.annotations.Nullable;

/**
 * A short text to the readers of a room that is not in the log, such as "is typing". Always valid, because the
 * constructor checks it. Delivery is best effort: a reader that is not connected, or not at the end of the log, does
 * not get the signal.
 *
 * @param room the room whose readers get the signal
 * @param event the kind of the signal, {@code [A-Za-z0-9._-]{1,64}}
 * @param data the text, at most {@value #MAX_DATA_BYTES} bytes of UTF-8; may be empty
 * @param nick the nick of the sender, or null
 * @param session the name of the session that sent the signal and does not get it; null if all sessions get it
 */
public record Signal(
        Room room,
        String event,
        String data,
        @Nullable Nick nick,
        @Nullable String session) {
    public static final int MAX_DATA_BYTES = 1_024;

    /**
     * @throws ChatException {@code INVALID_EVENT}, {@code INVALID_TEXT} or {@code MESSAGE_TOO_LARGE}
     */
    public Signal {
        if (!Room.isName(event)) {
            throw ChatException.invalid(Reason.INVALID_EVENT, "event", event, "1 to 64 of A-Z a-z 0-9 . _ -");
        }
        room.requirePublic();
        Text.check("data", data);
        int bytes = Text.utf8Length(data);
        if (bytes > MAX_DATA_BYTES) {
            throw ChatException.invalid(
                    Reason.MESSAGE_TOO_LARGE, "data", bytes + " bytes", "at most 1,024 bytes of UTF-8");
        }
    }

    /** Returns the same signal by another sender. */
    public Signal by(@Nullable Nick sender) {
        return new Signal(room, event, data, sender, session);
    }

    /** Returns the same signal, sent by another session. */
    public Signal from(@Nullable String sender) {
        return new Signal(room, event, data, nick, sender);
    }
}
