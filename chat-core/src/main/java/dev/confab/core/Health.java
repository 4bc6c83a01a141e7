package dev.confab.core;

import java.util.Locale;

/**
 * The health of a store: whether a publish would be stored now, or the reason why not. The {@linkplain #code() code} is
 * stable and is sent to clients.
 */
public enum Health {
    /** A publish would be stored. */
    OK,
    /** The store does not respond, or fails for a reason other than those below. */
    UNREACHABLE,
    /** The database is read-only: a standby, or a host that protects a disk that is nearly full. */
    READ_ONLY,
    /** The disk of the store is full. */
    FULL,
    /**
     * The store found that a part of its file is damaged. Other parts may be readable, and publishes may still be
     * stored. Restore a backup.
     */
    DAMAGED;

    private final String code = name().toLowerCase(Locale.ROOT);

    /** Returns the stable name that clients see, such as {@code read_only}. */
    public String code() {
        return code;
    }
}
