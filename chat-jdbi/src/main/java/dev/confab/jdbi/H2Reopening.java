package dev.confab.jdbi;

import dev.confab.core.MessageId;
import dev.confab.core.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the file of an H2 database again after H2 closed it because a write failed, for example on a full disk. H2
 * keeps such a database closed as long as it has a session, and its sessions count as valid, so a pool keeps them.
 *
 * <p>The order matters. As long as the closed database has its name, no pool can open the file. So the file is
 * recovered first (see {@link H2File}). Then the closed database gives up its name, and its sessions are closed. A pool
 * then finds that they are invalid, and opens new ones. A database that a pool opened in between, without recovery, is
 * closed as well. Thread-safe.
 */
final class H2Reopening implements Reopening {
    private static final Logger LOG = LoggerFactory.getLogger(H2Reopening.class);

    /**
     * A pool may assume without a check that a recently used session is valid, so it is not asked during this pause.
     */
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(4);

    private final Path file;
    private final JdbiStoreConfig config;
    /** The database that was prepared last. */
    private volatile Database current;

    private volatile H2Space space;

    private volatile MessageId newest = MessageId.MIN;

    /** The databases that failed; a pool may keep sessions of each. Guarded by this, like the following fields. */
    private final Set<Database> failed = Collections.newSetFromMap(new WeakHashMap<>());

    /** Whether the file was recovered after the last failure. */
    private boolean isRecovered = true;

    private boolean isResting;

    private long restsUntil;
    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    H2Reopening(Path file, Connection connection, JdbiStoreConfig config) throws SQLException {
        this.file = file;
        this.config = config;
        this.current = H2Space.session(connection).getDatabase();
        this.space = H2Space.of(current, config.durability());
    }

    @Override
    public void checkRest() throws SQLException {
        if (isFailed(current)) {
            synchronized (this) {
                if (isResting && restsUntil - System.nanoTime() > 0) {
                    throw closed(null);
                }
            }
        }
    }

    @Override
    public void check(Connection connection) throws SQLException {
        SessionLocal session = H2Space.session(connection);
        Database database = session.getDatabase();
        if (database == current && !isClosed(database) && !session.isClosed()) {
            try {
                space.check();
                return;
            } catch (MVStoreException e) {
                LOG.debug("The database failed at a sync", e);
            }
        }
        synchronized (this) {
            noticeFailure(current);
            noticeFailure(database);
            boolean isStale = session.isClosed() || isClosed(database);
            if (!isRecovered && (isStale || database != current)) {
                // This includes a database that a pool opened without recovery.
                rest();
                recover(database);
                throw closed(null);
            }
            if (isStale) {
                rest();
                if (isClosed(database)) {
                    close(database);
                }
                throw closed(null);
            }
            if (database != current) {
                checkNewest(connection);
                H2Dialect.prepare(connection, config.durability());
                // H2 also closes a database with its last connection, and opens it with the next one.
                if (isResting) {
                    LOG.info("The database is open again: {}", file);
                }
                space.close();
                space = H2Space.of(database, config.durability());
                current = database;
                isResting = false;
                pauseNanos = SHORTEST_PAUSE_NANOS;
            }
        }
    }

    @Override
    public void stored(MessageId id) {
        newest = id;
    }

    @Override
    public void shrink() {
        space.shrink();
    }

    @Override
    public void close() {
        space.close();
    }

    /** Fails when the opened database is an older state of the log. */
    private void checkNewest(Connection connection) throws SQLException {
        if (newest.equals(MessageId.MIN)) {
            // Nothing was acknowledged yet, and there may be no tables.
            return;
        }
        MessageId found = MessageId.MIN;
        try (Statement statement = connection.createStatement();
                ResultSet ids = statement.executeQuery("(select id from " + config.table("message")
                        + " order by id desc limit 1) union all (select trimmed_through from "
                        + config.table("room_trim") + " order by trimmed_through desc limit 1)")) {
            while (ids.next()) {
                found = MessageId.max(found, MessageId.of(ids.getObject(1, UUID.class)));
            }
        }
        if (newest.isAfter(found)) {
            throw new SQLException(
                    "the database was opened again without " + newest + " and perhaps other acknowledged messages",
                    SqlErrors.DATA_CORRUPTED);
        }
    }

    /**
     * Remembers a failed database, also one that failed while it was opened again, before it became the current one.
     */
    private void noticeFailure(Database database) {
        if (isFailed(database) && failed.add(database)) {
            isRecovered = false;
        }
    }

    private void rest() {
        isResting = true;
        restsUntil = System.nanoTime() + pauseNanos;
        pauseNanos = Math.min(LONGEST_PAUSE_NANOS, pauseNanos * 2);
    }

    /**
     * Closes both databases, and recovers the file. H2 may have given up the name by itself before, and a pool may have
     * opened the file since then. In that case this method fails, the pool next returns a session of that database, and
     * that database is closed in turn.
     */
    private void recover(Database opened) throws SQLException {
        // Later sessions of these databases are no reason to recover again.
        failed.add(current);
        failed.add(opened);
        try {
            current.getStore().getMvStore().getFileStore().close();
            opened.getStore().getMvStore().getFileStore().close();
            H2File.recover(file);
            isRecovered = true;
        } catch (StoreException | MVStoreException e) {
            throw closed(e);
        } finally {
            close(current);
            close(opened);
        }
    }

    private static void close(Database database) {
        try {
            database.shutdownImmediately();
        } catch (DbException e) {
            LOG.debug("The closed database gave up its name", e);
        }
        for (SessionLocal session : database.getSessions(false)) {
            try {
                session.close();
            } catch (DbException e) {
                LOG.debug("A session of the closed database was not closed", e);
            }
        }
    }

    private SQLException closed(@Nullable Throwable cause) {
        Throwable first = current.getBackgroundException();
        return new SQLException(
                "H2 closed the database after a failure; it is opened again when that is possible",
                "90098",
                cause == null ? first : cause);
    }

    private static boolean isFailed(Database database) {
        return database.getStore().getMvStore().getPanicException() != null;
    }

    /** Returns whether the database has failed, or was closed as usual. */
    private static boolean isClosed(Database database) {
        MVStore store = database.getStore().getMvStore();
        return isFailed(database) || database.isClosing() || store.isClosed();
    }
}
