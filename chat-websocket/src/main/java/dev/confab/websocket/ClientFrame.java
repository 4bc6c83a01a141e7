package dev.confab.websocket;

import org.jspecify.annotations.Nullable;

/** What a client asks for. */
sealed interface ClientFrame {
    /** {@code {"type":"ping"}}, for clients that cannot send pings of the protocol. */
    record Ping() implements ClientFrame {}

    /**
     * {@code {"type":"send",…}}.
     *
     * @param room null when the frame names none
     * @param nick the author, or null for the connection's nick
     */
    record Send(@Nullable String room, @Nullable String nick, String body, Tag tag) implements ClientFrame {}

    /**
     * What an answer repeats, so that the client knows what it is to.
     *
     * @param key the idempotency key, or null
     * @param ref what the client calls this frame, or null
     */
    record Tag(@Nullable String key, @Nullable Ref ref) {
        static final Tag NONE = new Tag(null, null);
    }

    /**
     * A string or a number.
     *
     * @param text a number as it was written
     */
    record Ref(String text, boolean isNumber) {
        static final int MAX_LENGTH = 64;
    }
}
