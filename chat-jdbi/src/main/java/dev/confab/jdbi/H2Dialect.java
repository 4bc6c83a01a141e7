package dev.confab.jdbi;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** H2, embedded: only this process has the file, so locks and the clock of the process are enough. */
record H2Dialect() implements Dialect {
    /** The default of H2, in milliseconds. */
    static final int WRITE_DELAY = 500;

    /** Returns the dialect, if the database was opened from an undamaged file: see {@link H2File}. */
    static H2Dialect of(Connection connection) throws SQLException {
        H2File.checkRecovered(path(connection));
        return new H2Dialect();
    }

    /** Returns the path of the database without the ending of its file; null for a database in memory. */
    private static @Nullable String path(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet path = statement.executeQuery("select database_path()")) {
            path.next();
            return path.getString(1);
        }
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public void check(Handle handle, Durability durability) {}

    @Override
    public void prepare(Handle handle, Durability durability) {
        try {
            prepare(handle.getConnection(), durability);
        } catch (SQLException e) {
            throw SqlErrors.storeException(e);
        }
    }

    static void prepare(Connection connection, Durability durability) throws SQLException {
        // The setting stays in the database's file, so both cases set it.
        execute(connection, "set write_delay " + (durability == Durability.OS ? 0 : WRITE_DELAY));
        if (durability == Durability.FSYNC) {
            H2Space.stopBackgroundWriter(connection);
        }
        // H2 caches the result of a query until the table changes, and counts a change from before its commit. A query
        // between the two caches the mark from before a trim and gets it again after the trim: a gap that is not
        // announced.
        execute(connection, "set optimize_reuse_results 0");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void watch(Sessions sessions, Connection connection, JdbiStoreConfig config) throws SQLException {
        String path = path(connection);
        if (path != null) {
            sessions.reopen(new H2Reopening(Path.of(path + ".mv.db"), connection, config));
        }
    }

    /** Does nothing: {@link Schema} has a lock in the process, and H2 would release a lock at the next statement. */
    @Override
    public void lockMigrations(Handle handle) {}

    @Override
    public Catalog catalog(Handle handle, JdbiStoreConfig config, Tables tables) {
        try {
            return H2Catalog.read(handle, config.schema(), tables);
        } catch (SQLException e) {
            throw SqlErrors.storeException(e);
        }
    }

    @Override
    public boolean isDdlTransactional() {
        return false;
    }

    @Override
    public String directory() {
        return "h2";
    }

    /** An H2 database has no notifications, so its logs need no numbers. */
    @Override
    public long logNumber(Jdbi jdbi) {
        return 0;
    }

    @Override
    public void lockAppends(Handle handle) {
        handle.execute(Appender.LOCK);
    }

    @Override
    public void sync(Handle handle, Durability durability) {
        if (durability == Durability.FSYNC) {
            handle.execute("checkpoint sync");
        }
    }

    @Override
    public Instant now(Handle handle, JdbiStoreConfig config) {
        InstantSource clock = config.clock();
        return clock == null ? Instant.now() : clock.instant();
    }

    @Override
    public <T> T read(Jdbi jdbi, HandleCallback<T, RuntimeException> read) {
        return jdbi.withHandle(read);
    }
}
