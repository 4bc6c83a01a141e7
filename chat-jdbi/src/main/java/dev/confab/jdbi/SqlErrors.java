package dev.confab.jdbi;

import dev.confab.core.ChatException;
import dev.confab.core.Health;
import dev.confab.core.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Classifies the failures of a database. */
final class SqlErrors {
    /**
     * The end of the messages of H2's store: its version and a code for a failed read, a corrupt or undecodable file,
     * or a missing chunk or block.
     */
    private static final Pattern H2_DAMAGE = Pattern.compile("\\[[0-9.]+/(1|6|8|9|50)\\]");

    static final String DATA_CORRUPTED = "XX001";

    private SqlErrors() {}

    /** Returns the exception for a failure after which certainly nothing is stored. */
    static StoreException storeException(Throwable failure) {
        if (failure instanceof StoreException already) {
            return already;
        }
        return switch (stateClass(failure)) {
            case "22", "23" ->
                storeException(StoreException.Kind.REFUSED, "store: refuses the data of this batch", failure);
            default -> storeException(StoreException.Kind.UNAVAILABLE, "store: not available", failure);
        };
    }

    static StoreException storeException(StoreException.Kind kind, String message, Throwable cause) {
        return new StoreException(
                kind, message, cause, new StoreException.Diagnosis(health(cause), describe(cause), groupOf(cause)));
    }

    /**
     * Returns whether the failed commit was certainly rolled back. Otherwise the connection may have been lost after
     * the commit.
     */
    static boolean isRolledBack(Throwable failure) {
        return switch (stateClass(failure)) {
            case "22", "23" -> true;
            // 40003 means 'completion unknown'.
            case "40" -> !"40003".equals(state(failure));
            default -> false;
        };
    }

    /** Returns the root cause in one line, without the statement and the values that a driver or H2 adds. */
    static String describe(Throwable failure) {
        Throwable root = root(failure);
        SQLException sql = deepest(failure);
        if (sql == null) {
            return text(root);
        }
        String state = sql.getSQLState() == null ? "" : " (SQLState " + sql.getSQLState() + ")";
        String line = firstLine(sql);
        // H2 repeats the text of its store.
        boolean isSaid = root == sql || (root.getMessage() != null && line.contains(firstLine(root)));
        return line + state + (isSaid ? "" : ": " + text(root));
    }

    /** Returns a text that is the same for all failures of one kind, without their numbers and names. */
    private static String groupOf(Throwable failure) {
        SQLException sql = deepest(failure);
        Throwable root = root(failure);
        if (sql != null) {
            return sql.getSQLState() + " " + root.getClass().getName();
        }
        return root instanceof ChatException refused
                ? refused.reason().name()
                : root.getClass().getName();
    }

    private static @Nullable SQLException deepest(Throwable failure) {
        SQLException deepest = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getMessage() != null) {
                deepest = sql;
            }
        }
        return deepest;
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String text(Throwable failure) {
        boolean ours = failure instanceof StoreException || failure instanceof ChatException;
        String name = failure.getClass().getSimpleName();
        String line = firstLine(failure);
        return line.isEmpty() ? name : ours ? line : name + ": " + line;
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage();
        // H2 appends the statement in the same line or in the next one.
        return message == null ? "" : message.lines().findFirst().orElse("").replaceFirst("; SQL statement:.*", "");
    }

    /** Returns whether the session cannot write: 25006, read_only_sql_transaction. */
    static boolean isReadOnly(Throwable failure) {
        return "25006".equals(state(failure));
    }

    /**
     * Returns whether the server does not know a statement that the driver prepared, or has another statement of that
     * name.
     */
    static boolean isForgottenStatement(Throwable failure) {
        String state = state(failure);
        return "26000".equals(state) || "42P05".equals(state);
    }

    /**
     * Returns whether a part of the database's file is damaged: data_corrupted and index_corrupted of PostgreSQL; a
     * page, chunk or value that H2 cannot read. H2 may be missing from the class path, so its exception is recognized
     * by name.
     */
    private static boolean isDamaged(Throwable failure) {
        String state = state(failure);
        if (DATA_CORRUPTED.equals(state) || "XX002".equals(state) || "90030".equals(state)) {
            return true;
        }
        Throwable root = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            root = cause.getClass().getName().equals("org.h2.mvstore.MVStoreException") ? cause : root;
        }
        return H2_DAMAGE.matcher(String.valueOf(root.getMessage())).find();
    }

    /** The kernel's texts for ENOSPC, EDQUOT and EFBIG, which Java passes on. */
    private static boolean isFull(Throwable root) {
        String text = String.valueOf(root.getMessage());
        return root instanceof IOException
                && (text.contains("No space left") || text.contains("quota exceeded") || text.contains("too large"));
    }

    /** Returns the reason why the store cannot be used. */
    private static Health health(Throwable failure) {
        if (isReadOnly(failure)) {
            return Health.READ_ONLY;
        }
        if (isDamaged(failure)) {
            return Health.DAMAGED;
        }
        return "53100".equals(state(failure)) || isFull(root(failure)) ? Health.FULL : Health.UNREACHABLE;
    }

    private static String stateClass(Throwable failure) {
        String state = state(failure);
        return state == null || state.length() < 2 ? "" : state.substring(0, 2);
    }

    /** Returns the innermost SQLSTATE, which says most: the exception of a batch contains that of its row. */
    private static @Nullable String state(Throwable failure) {
        String state = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                state = sql.getSQLState();
            }
        }
        return state;
    }
}
