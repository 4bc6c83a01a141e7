package dev.confab.websocket;

import org.jspecify.annotations.Nullable;

/** A request of a client. */
sealed interface ClientFrame {
    /** {@code {"type":"ping"}}, for clients that cannot send ping frames. */
    record Ping() implements ClientFrame {}

    /**
     * {@code {"type":"send",…}}.
     *
     * @param room the room, or null when the frame has none
     * @param nick the author; null for the connection's nick
     */
    record Send(@Nullable String room, @Nullable String nick, String body, Tag tag) implements ClientFrame {}

    /** {@code {"type":"auth",…}}: a token for a connection that has none, or a newer one. */
    record Auth(String token, Tag tag) implements ClientFrame {
        /** Returns a text without the token. */
        @Override
        public String toString() {
            return "Auth[tag=" + tag + "]";
        }
    }

    /**
     * {@code {"type":"subscribe",…}}.
     *
     * @param after where reading of the room starts; null for the position of the connection
     */
    record Subscribe(String room, @Nullable String after, Tag tag) implements ClientFrame {}

    /** {@code {"type":"unsubscribe",…}}. */
    record Unsubscribe(String room, Tag tag) implements ClientFrame {}

    /**
     * {@code {"type":"signal",…}}.
     *
     * @param room the room, or null when the frame has none
     */
    record SendSignal(@Nullable String room, String event, String data, Tag tag) implements ClientFrame {}

    /**
     * The fields that a reply repeats, so that the client can match the reply with its frame.
     *
     * @param key the idempotency key, or null
     * @param ref the client's own reference for this frame, or null
     */
    record Tag(@Nullable String key, @Nullable Ref ref) {
        static final Tag NONE = new Tag(null, null);
    }

    /**
     * A string or a number.
     *
     * @param text the string; a number as the client wrote it
     */
    record Ref(String text, boolean isNumber) {
        static final int MAX_LENGTH = 64;
    }
}
