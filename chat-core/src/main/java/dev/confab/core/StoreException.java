package dev.confab.core;

import org.jspecify.annotations.Nullable;

/** The failure of an operation of the store. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The consequence for the caller. */
    public enum Kind {
        /** Nothing was stored. The operation may succeed later. */
        UNAVAILABLE,
        /** The batch may or may not have been stored. */
        OUTCOME_UNKNOWN,
        /** Nothing was stored, because of the content of this batch. A smaller batch may succeed. */
        REFUSED
    }

    /**
     * The reason of a failure, for the operator.
     *
     * @param health the state of the store; never {@link Health#OK}
     * @param summary one line for the log, without statements and values
     * @param group the same text for all failures of one kind, even if their summaries differ in numbers and names
     */
    public record Diagnosis(Health health, String summary, String group) implements java.io.Serializable {
        /**
         * Returns the diagnosis of the first {@link StoreException} in the chain of causes. Without a
         * {@link StoreException}, the diagnosis says that the store cannot be reached and names the root cause.
         */
        static Diagnosis of(Throwable failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof StoreException described) {
                    return described.diagnosis;
                }
            }
            return undescribed(failure);
        }

        private static Diagnosis undescribed(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            String message = root.getMessage();
            String line = message == null ? "" : message.lines().findFirst().orElse("");
            String name = root.getClass().getSimpleName();
            boolean isOurs = root instanceof StoreException || root instanceof ChatException;
            String summary = line.isEmpty() ? name : isOurs ? line : name + ": " + line;
            String group = root instanceof ChatException refused
                    ? refused.reason().name()
                    : root.getClass().getName();
            return new Diagnosis(Health.UNREACHABLE, summary, group);
        }
    }

    private final Kind kind;
    private final Diagnosis diagnosis;

    /** Creates a failure with the diagnosis of its cause. */
    public StoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.diagnosis = cause == null ? Diagnosis.undescribed(this) : Diagnosis.of(cause);
    }

    public StoreException(Kind kind, String message, @Nullable Throwable cause, Diagnosis diagnosis) {
        super(message, cause);
        this.kind = kind;
        this.diagnosis = diagnosis;
    }

    public Kind kind() {
        return kind;
    }

    public Diagnosis diagnosis() {
        return diagnosis;
    }

    /** Returns the state of the store that the cause of this failure points to; never {@link Health#OK}. */
    public Health health() {
        return diagnosis.health();
    }
}
