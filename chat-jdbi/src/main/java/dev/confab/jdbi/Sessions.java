package dev.confab.jdbi;

import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of a data source, without sessions that a pool considers healthy but that can no longer do the store's
 * work. Such a session is closed; every pool notices that and opens another one.
 *
 * <ul>
 *   <li>A read-only session of PostgreSQL. A session stays read-only when it began while its database or role had
 * {@code default_transaction_read_only}, or when its server became a standby, even after the database can be written
 * again.
 *   <li>A session behind a pooler that assigns a server process for each transaction and keeps no prepared statements.
 * A statement that the driver prepared in one process is unknown in the next one, or its name belongs to another
 * statement there. Such sessions prepare no statements.
 *   <li>A session of an H2 database that H2 closed: see {@link Reopening}.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class Sessions implements ConnectionFactory, SqlLogger {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /**
     * The minimum time between replaced read-only sessions: while the database is read-only, its new sessions are
     * read-only, too.
     */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final DataSource source;
    private final AtomicLong lastReadOnly = new AtomicLong(System.nanoTime() - PAUSE_NANOS);
    private volatile boolean preparesNothing;
    private volatile @Nullable Reopening reopening;

    Sessions(DataSource source) {
        this.source = source;
    }

    @Override
    public Connection openConnection() throws SQLException {
        Reopening h2 = reopening;
        if (h2 != null) {
            h2.checkRest();
        }
        Connection connection = source.getConnection();
        if (h2 != null) {
            check(h2, connection);
        }
        if (preparesNothing) {
            PostgresSession.prepareNothing(connection);
        }
        return connection;
    }

    private static void check(Reopening h2, Connection connection) throws SQLException {
        try {
            h2.check(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Replaces the sessions of a database that H2 closed. */
    void reopen(Reopening h2) {
        reopening = h2;
    }

    /** Gives the space of deleted rows back to the file system, where the database does not do that by itself. */
    void shrink() {
        Reopening h2 = reopening;
        if (h2 != null) {
            h2.shrink();
        }
    }

    void close() {
        Reopening h2 = reopening;
        if (h2 != null) {
            h2.close();
        }
    }

    /** Remembers the acknowledged messages: a database that is opened again must contain them. */
    void stored(MessageStore.Appended appended) {
        Reopening h2 = reopening;
        MessageId last = appended.lastPlaced();
        if (h2 != null && last != null) {
            h2.stored(last);
        }
    }

    @Override
    public void logException(StatementContext context, SQLException failure) {
        Connection connection = context.getConnection();
        if (connection == null) {
            return;
        }
        if (SqlErrors.isReadOnly(failure)) {
            long last = lastReadOnly.get();
            long now = System.nanoTime();
            if (now - last >= PAUSE_NANOS && lastReadOnly.compareAndSet(last, now)) {
                discard(connection);
            }
        } else if (SqlErrors.isForgottenStatement(failure)) {
            discard(connection);
            noticePooler(failure);
        }
    }

    /**
     * Checks whether {@code connection}, to PostgreSQL, goes through a pooler. This must be known before the driver
     * prepares its first statement, after five executions: in the next server process, the statement's name may belong
     * to another statement.
     */
    void lookForPooler(Connection connection) {
        if (PostgresSession.isPooled(connection)) {
            preparesNothing = true;
            LOG.info("PostgreSQL is behind a pooler: its driver prepares no statements, as with prepareThreshold=0");
        }
    }

    private synchronized void noticePooler(SQLException failure) {
        if (!preparesNothing) {
            preparesNothing = true;
            LOG.warn(
                    "PostgreSQL is behind a pooler that keeps no prepared statements, so none are used from now on;"
                            + " set prepareThreshold=0 in the database's URL: {}",
                    SqlErrors.describe(failure));
        }
    }

    private static void discard(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.debug("A session was not closed", e);
        }
    }
}
