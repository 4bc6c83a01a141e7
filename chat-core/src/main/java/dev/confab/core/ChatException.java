package dev.confab.core;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Something was refused for a {@link Reason}. The message is written for the one who asked and holds nothing internal. */
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

    /** {@code field: value (expected: expected)}; a long value is cut, and control characters in it are shown as {@code ?}. */
    static ChatException invalid(Reason reason, String field, String value, String expected) {
        String shown = value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "…";
        shown = shown.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
        return new ChatException(reason, field + ": " + shown + " (expected: " + expected + ")", field, null);
    }

    /** What a future of this package failed with: itself, or what a {@code CompletionException} wraps; all else is {@code INTERNAL}. */
    public static ChatException of(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ChatException known
                ? known
                : new ChatException(Reason.INTERNAL, "the server failed", failure);
    }

    public Reason reason() {
        return reason;
    }

    /** The name of the field that is at fault, or null when it is not one field. */
    public @Nullable String field() {
        return field;
    }
}
