package dev.confab.jdbi;

import dev.confab.core.MessageId;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Opens a database again that closed itself in this process. {@link Sessions} knows only this interface, so a program
 * without H2's driver never loads a class of it. Implementations are thread-safe.
 */
interface Reopening {
    /** Fails during a pause after a failed attempt, so that the pool is not asked for a session. */
    void checkRest() throws SQLException;

    /**
     * Returns when {@code connection} is a session of an open database. Otherwise starts to open the database again,
     * and fails.
     */
    void check(Connection connection) throws SQLException;

    /** Remembers the newest acknowledged message. */
    void stored(MessageId id);

    /** Gives space back to the file system, for a bounded time. */
    void shrink();

    /** Ends the work for this database; the database stays open. */
    void close();
}
