package dev.confab.core;

import org.jspecify.annotations.Nullable;

/**
 * A message that is not yet in the log, and therefore has no id. Always valid, because the constructor checks it.
 *
 * @param type the type of the message; a join or leave has a nick, no body and no key
 * @param room the room of the message
 * @param nick the nick of the author or participant, or null for a message without an author
 * @param body the text, 1 to {@value #MAX_BODY_BYTES} bytes of UTF-8; empty for a join or leave
 * @param key makes it safe to publish the draft again: 1 to 64 printable ASCII characters, which should be random; the
 *     key is unique in its room for 24 h; null if the draft is published only once
 */
public record Draft(
        Message.Type type,
        Room room,
        @Nullable Nick nick,
        String body,
        @Nullable String key) {
    public static final int MAX_BODY_BYTES = 10_000;
    public static final int MAX_KEY_LENGTH = 64;

    /**
     * @throws ChatException {@code INVALID_BODY}, {@code INVALID_TEXT}, {@code INVALID_KEY} or
     *     {@code MESSAGE_TOO_LARGE}
     */
    public Draft {
        if (type == Message.Type.MESSAGE) {
            checkBody(body);
        } else if (nick == null || !body.isEmpty() || key != null) {
            throw new IllegalArgumentException("type: " + type + " (expected: a nick, no body, no key)");
        }
        if (key != null) {
            checkKey(key);
        }
    }

    /** Returns the draft of a message to {@code room} without an author. */
    public static Draft of(Room room, String body) {
        return of(room, null, body, null);
    }

    /** @throws ChatException also {@code INVALID_ROOM}, for the room of the log's own messages */
    public static Draft of(Room room, @Nullable Nick nick, String body, @Nullable String key) {
        return new Draft(Message.Type.MESSAGE, room.requirePublic(), nick, body, key);
    }

    /** Returns the draft that tells all nodes that the access of {@code nick} was revoked. */
    static Draft revocation(Nick nick) {
        return new Draft(Message.Type.MESSAGE, Room.REVOCATIONS, nick, "revoked", null);
    }

    /** Returns the same draft by another author. */
    public Draft by(Nick author) {
        return new Draft(type, room, author, body, key);
    }

    /**
     * Returns the draft of a join. {@link ChatService#publish} refuses this draft, because only {@link Presence} and
     * stores make joins and leaves.
     */
    public static Draft join(Room room, Nick nick) {
        return new Draft(Message.Type.JOIN, room, nick, "", null);
    }

    /** Returns the draft of a leave; see {@link #join}. */
    public static Draft leave(Room room, Nick nick) {
        return new Draft(Message.Type.LEAVE, room, nick, "", null);
    }

    /** Returns the estimated memory of this draft in bytes, for the bound on waiting publishes. */
    int weight() {
        return 256 + 2 * body.length();
    }

    private static void checkBody(String body) {
        if (body.isEmpty()) {
            throw ChatException.invalid(Reason.INVALID_BODY, "body", "is empty", "1 to 10,000 bytes of UTF-8");
        }
        Text.check("body", body);
        int bytes = Text.utf8Length(body);
        if (bytes > MAX_BODY_BYTES) {
            throw ChatException.invalid(
                    Reason.MESSAGE_TOO_LARGE, "body", bytes + " bytes", "at most 10,000 bytes of UTF-8");
        }
    }

    private static void checkKey(String key) {
        boolean printable = key.chars().allMatch(c -> c > 0x20 && c < 0x7F);
        if (key.isEmpty() || key.length() > MAX_KEY_LENGTH || !printable) {
            throw ChatException.invalid(Reason.INVALID_KEY, "key", key, "1 to 64 printable ASCII characters");
        }
    }
}
