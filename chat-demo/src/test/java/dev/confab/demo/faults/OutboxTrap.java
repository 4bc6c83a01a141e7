package dev.confab.demo.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A lock on the first row of the outbox. The node that releases the outbox next waits for the lock in the middle of its
 * transaction, after it has written the messages and before it deletes the rows. Confined to one thread.
 */
final class OutboxTrap implements AutoCloseable {
    private final PostgresProcess database;
    private final Connection holding;

    OutboxTrap(PostgresProcess database) throws SQLException {
        this.database = database;
        holding = database.connect();
        holding.setAutoCommit(false);
    }

    /** Locks the first row. Returns false when the outbox is empty. */
    boolean set() throws SQLException {
        try (Statement statement = holding.createStatement();
                ResultSet rows =
                        statement.executeQuery("select seq from confab_outbox order by seq limit 1 for update")) {
            if (rows.next()) {
                return true;
            }
        }
        holding.rollback();
        return false;
    }

    /** Returns the application name of the waiting node's connections; null when no node waits. */
    @Nullable
    String caught() throws SQLException {
        try (Connection looking = database.connect();
                Statement statement = looking.createStatement();
                ResultSet rows = statement.executeQuery("select application_name from pg_stat_activity"
                        + " where wait_event_type = 'Lock' and query like 'delete from confab_outbox where%'")) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    /** Releases the lock, so that the waiting node continues. */
    void release() throws SQLException {
        holding.rollback();
    }

    @Override
    public void close() throws SQLException {
        holding.close();
    }
}
