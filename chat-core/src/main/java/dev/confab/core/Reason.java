package dev.confab.core;

import java.util.Locale;

/** Why something was refused. The {@linkplain #code() code} is stable and goes to clients; a transport maps each reason to its own status. */
public enum Reason {
    INVALID_ROOM,
    INVALID_NICK,
    INVALID_BODY,
    /** Text with U+0000 or an unpaired surrogate. */
    INVALID_TEXT,
    INVALID_KEY,
    INVALID_CURSOR,
    /** A body over {@link Draft#MAX_BODY_BYTES}. */
    MESSAGE_TOO_LARGE,
    /** The key is known in this room, with another nick or body. */
    KEY_CONFLICT,
    /** The store takes the rest of the batch, but not this draft. Repeating it does not help. */
    REFUSED,
    /** The service is closing and takes no new work. */
    DRAINING,
    /** A bound is reached; nothing was stored. Try again later. */
    OVERLOADED,
    /** The store cannot be reached; nothing was stored. Try again later. */
    UNAVAILABLE,
    /** The store may or may not have the message. Repeating it with the same key is safe. */
    OUTCOME_UNKNOWN,
    /** A fault of the program; the log says more. */
    INTERNAL;

    private final String code = name().toLowerCase(Locale.ROOT);

    /** The stable name that clients see, such as {@code key_conflict}. */
    public String code() {
        return code;
    }

    /** Whether the same request may succeed later without being changed. */
    public boolean isTemporary() {
        return switch (this) {
            case DRAINING, OVERLOADED, UNAVAILABLE, OUTCOME_UNKNOWN -> true;
            case INVALID_ROOM,
                    INVALID_NICK,
                    INVALID_BODY,
                    INVALID_TEXT,
                    INVALID_KEY,
                    INVALID_CURSOR,
                    MESSAGE_TOO_LARGE,
                    KEY_CONFLICT,
                    REFUSED,
                    INTERNAL -> false;
        };
    }
}
