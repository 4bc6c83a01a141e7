package dev.confab.core;

import java.util.Locale;

/** Whether a publish would be stored now, and if not, why. The {@linkplain #code() code} is stable and goes to clients. */
public enum Health {
    /** A publish would be stored. */
    OK,
    /** The store does not answer, or not in a way that is one of those below. */
    UNREACHABLE,
    /** The database is read-only: a standby, or a host that protects a disk that is nearly full. */
    READ_ONLY,
    /** The disk of the store is full. */
    FULL,
    /**
     * The store found that a part of its file is damaged. What else is in it may be readable, and publishes may still be stored;
     * restore a backup.
     */
    DAMAGED;

    private final String code = name().toLowerCase(Locale.ROOT);

    /** The stable name that clients see, such as {@code read_only}. */
    public String code() {
        return code;
    }
}
