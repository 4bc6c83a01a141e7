package dev.confab.core;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A request was refused or failed, for a {@link Reason}. The message is written for the client and contains no
 * internals.
 */
public final class ChatException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 80;

    private final Reason reason;
    private final @Nullable String field;

    public ChatException(Reason reason, String message) {
        this(reason, message, null, null);
    }

    public ChatException(Reason reason, String message, @Nullable Throwable cause) {
        this(reason, message, null, cause);
    }

    private ChatException(Reason reason, String message, @Nullable String field, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.field = field;
    }

    /**
     * Returns an exception with the message {@code field: value (expected: expected)}. A long value is cut, and control
     * characters in the value are shown as {@code ?}.
     */
    static ChatException invalid(Reason reason, String field, String value, String expected) {
        String shown = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
        shown = shown.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
        return new ChatException(reason, field + ": " + shown + " (expected: " + expected + ")", field, null);
    }

    /**
     * Returns the chat exception with which a future of this package failed. A chat exception is returned itself, also
     * from inside a {@code CompletionException}. For any other failure, the reason is {@link Reason#INTERNAL}.
     */
    public static ChatException of(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ChatException known
                ? known
                : new ChatException(Reason.INTERNAL, "the server failed", failure);
    }

    public Reason reason() {
        return reason;
    }

    /** Returns the name of the field with the invalid value, or null if the failure does not concern a single field. */
    public @Nullable String field() {
        return field;
    }
}
