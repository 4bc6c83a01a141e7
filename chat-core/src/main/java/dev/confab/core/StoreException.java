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

    /**
     * The reason of a failure, for the operator.
     *
     * @param health the state of the store; never {@link Health#OK}
     * @param summary one line for the log, without statements and values
     * @param group the same text for all failures of one kind, whatever numbers and names are in their summaries
     */
    public record Diagnosis(Health health, String summary, String group) implements java.io.Serializable {
        /** Returns the diagnosis of a failure that no store described: the store cannot be reached, because of the root cause. */
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

    /** Makes a failure with the diagnosis of its cause. */
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
