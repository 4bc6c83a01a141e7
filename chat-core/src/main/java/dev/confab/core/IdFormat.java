package dev.confab.core;

import java.util.Locale;

/** The text form of the ids that a client receives. Both forms have the same 128 bits, and both are valid cursors. */
public enum IdFormat {
    /** 26 characters of Crockford's base 32, in upper case. As texts, they sort in the order of the ids. */
    ULID,
    /** 36 characters as in RFC 9562 section 4, in lower case. As texts, they sort in the order of the ids, too. */
    UUID;

    private final String code = name().toLowerCase(Locale.ROOT);

    /** Returns the stable name that clients send. */
    public String code() {
        return code;
    }

    public String format(MessageId id) {
        return switch (this) {
            case ULID -> id.toString();
            case UUID -> id.toUuid().toString();
        };
    }
}
