package dev.confab.jdbi;

import dev.confab.core.MessageId;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Opens a database again that closed itself in this process. {@link Sessions} knows no more of it, so that a program without the
 * driver of H2 never loads a class of it. Implementations are thread-safe.
 */
interface Reopening {
    /** Fails while the database rests, so that its pool is not asked for a session. */
    void checkRest() throws SQLException;

    /** Returns when {@code connection} is a session of an open database; else has it opened again, soon, and fails. */
    void check(Connection connection) throws SQLException;

    /** Remembers the newest entry that was acknowledged. */
    void stored(MessageId id);
}
