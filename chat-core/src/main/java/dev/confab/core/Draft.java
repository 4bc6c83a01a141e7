package dev.confab.core;

import org.jspecify.annotations.Nullable;

/**
 * What somebody wants in the log: not placed yet, so without an id. Valid by construction.
 *
 * @param type what it will be; a join or leave has a nick, no body and no key
 * @param room where
 * @param nick who, or null for nobody in particular
 * @param body the text, 1 to {@value #MAX_BODY_BYTES} bytes of UTF-8; empty for a join or leave
 * @param key makes publishing repeatable: 1 to 64 printable ASCII characters, meant to be random, unique in its room
 *     for 24 h; null when it is not to be repeated
 */
public record Draft(
        Message.Type type,
        Room room,
        @Nullable Nick nick,
        String body,
        @Nullable String key) {
    public static final int MAX_BODY_BYTES = 10_000;
    public static final int MAX_KEY_LENGTH = 64;

    /** @throws ChatException {@code INVALID_BODY}, {@code INVALID_TEXT}, {@code INVALID_KEY} or {@code MESSAGE_TOO_LARGE} */
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

    /** A message to {@code room} from nobody in particular. */
    public static Draft of(Room room, String body) {
        return new Draft(Message.Type.MESSAGE, room, null, body, null);
    }

    public static Draft of(Room room, @Nullable Nick nick, String body, @Nullable String key) {
        return new Draft(Message.Type.MESSAGE, room, nick, body, key);
    }

    /** Returns the draft of a join, which {@link ChatService#publish} refuses: {@link Presence} and stores make joins and leaves. */
    public static Draft join(Room room, Nick nick) {
        return new Draft(Message.Type.JOIN, room, nick, "", null);
    }

    /** Returns the draft of a leave; see {@link #join}. */
    public static Draft leave(Room room, Nick nick) {
        return new Draft(Message.Type.LEAVE, room, nick, "", null);
    }

    /** What this draft counts for in a bound on memory, in bytes. */
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
