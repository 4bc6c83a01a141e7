package dev.confab.core;

import org.jspecify.annotations.Nullable;

/** A store could not do what it was asked. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What the caller may conclude. */
    public enum Kind {
        /** Nothing was stored; later it may work. */
        UNAVAILABLE,
        /** It may or may not have been stored. */
        OUTCOME_UNKNOWN,
        /** Nothing was stored because of what is in this batch; a smaller one may work. */
        REFUSED
    }

    private final Kind kind;

    public StoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Returns the state of the store that the cause of this failure points to; never {@link Health#OK}. */
    public Health health() {
        return SqlErrors.health(this);
    }
}
