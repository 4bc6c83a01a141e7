package dev.confab.demo.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * A lock on the first row of the outbox: the node that takes it over next waits for it in the middle of its transaction, when it has
 * written the messages and not yet taken the rows out. For one thread.
 */
final class OutboxTrap implements AutoCloseable {
    private final PostgresProcess database;
    private final Connection holding;

    OutboxTrap(PostgresProcess database) throws SQLException {
        this.database = database;
        holding = database.connect();
        holding.setAutoCommit(false);
    }

    /** Locks the row; false when there was none. */
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

    /** What the connections of the node are called that waits; null when none does. */
    @Nullable
    String caught() throws SQLException {
        try (Connection looking = database.connect();
                Statement statement = looking.createStatement();
                ResultSet rows = statement.executeQuery("select application_name from pg_stat_activity"
                        + " where wait_event_type = 'Lock' and query like 'delete from confab_outbox where%'")) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    /** Lets who waits go on. */
    void release() throws SQLException {
        holding.rollback();
    }

    @Override
    public void close() throws SQLException {
        holding.close();
    }
}
