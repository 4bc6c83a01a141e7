package dev.confab.core;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a failure of the database lets a caller conclude. */
final class SqlErrors {
    private SqlErrors() {}

    /** Of a failure after which surely nothing is stored. */
    static StoreException storeException(Throwable failure) {
        if (failure instanceof StoreException already) {
            return already;
        }
        return switch (stateClass(failure)) {
            case "22", "23" ->
                new StoreException(StoreException.Kind.REFUSED, "store: refuses data of this batch", failure);
            default -> new StoreException(StoreException.Kind.UNAVAILABLE, "store: cannot be used now", failure);
        };
    }

    /** Whether a commit that failed so was surely rolled back. When not, the connection may have been lost after it was done. */
    static boolean isRolledBack(Throwable failure) {
        return switch (stateClass(failure)) {
            case "22", "23" -> true;
            // 40003 means 'completion unknown'.
            case "40" -> !"40003".equals(state(failure));
            default -> false;
        };
    }

    private static String stateClass(Throwable failure) {
        String state = state(failure);
        return state == null || state.length() < 2 ? "" : state.substring(0, 2);
    }

    /** The SQLSTATE, which says more the deeper it is: a batch's own exception wraps that of its row. */
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
