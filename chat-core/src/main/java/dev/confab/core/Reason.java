package dev.confab.core;

import java.util.Locale;

/**
 * The reason why a request or an operation was rejected. The {@linkplain #code() code} is stable and is sent to
 * clients. Each transport maps the reasons to its own status codes.
 */
public enum Reason {
    INVALID_ROOM,
    INVALID_NICK,
    INVALID_BODY,
    /** A text contains U+0000 or an unpaired surrogate. */
    INVALID_TEXT,
    INVALID_KEY,
    INVALID_CURSOR,
    /** The kind of a signal is not a name. */
    INVALID_EVENT,
    /** A body is longer than {@link Draft#MAX_BODY_BYTES}. */
    MESSAGE_TOO_LARGE,
    /** The key was already used in this room, with another nick or body. */
    KEY_CONFLICT,
    /** The store rejects this draft, but not the rest of its batch. Repeating the request does not help. */
    REFUSED,
    /** The service is closing and accepts no new work. */
    DRAINING,
    /** A limit is reached, and nothing was stored. The client may try again later. */
    OVERLOADED,
    /** The store cannot be reached, and nothing was stored. The client may try again later. */
    UNAVAILABLE,
    /** The message may or may not be stored. Repeating the request with the same key is safe. */
    OUTCOME_UNKNOWN,
    /** A defect of the program. The server's log contains the details. */
    INTERNAL;

    private final String code = name().toLowerCase(Locale.ROOT);

    /** Returns the stable name that clients see, such as {@code key_conflict}. */
    public String code() {
        return code;
    }

    /** Returns whether the same request may succeed later without being changed. */
    public boolean isTemporary() {
        return switch (this) {
            case DRAINING, OVERLOADED, UNAVAILABLE, OUTCOME_UNKNOWN -> true;
            case INVALID_ROOM,
                    INVALID_NICK,
                    INVALID_BODY,
                    INVALID_TEXT,
                    INVALID_KEY,
                    INVALID_CURSOR,
                    INVALID_EVENT,
                    MESSAGE_TOO_LARGE,
                    KEY_CONFLICT,
                    REFUSED,
                    INTERNAL -> false;
        };
    }
}
