package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;

/** The differences between the databases; all other SQL is shared. */
sealed interface Dialect permits H2Dialect, PostgresDialect {
    /** Returns the dialect of the database behind {@code connection}. */
    static Dialect of(Connection connection) throws SQLException {
        DatabaseMetaData database = connection.getMetaData();
        String product = database.getDatabaseProductName();
        return switch (product) {
            case "H2" -> H2Dialect.of(connection);
            case "PostgreSQL" -> PostgresDialect.ofVersion(database.getDatabaseMajorVersion());
            default ->
                throw new StoreException(
                        StoreException.Kind.UNAVAILABLE,
                        "database: " + product + " (expected: H2 or PostgreSQL)",
                        null);
        };
    }

    /** Returns the name and the version of the database behind {@code connection}. */
    static String product(Connection connection) throws SQLException {
        DatabaseMetaData database = connection.getMetaData();
        return database.getDatabaseProductName() + " " + database.getDatabaseProductVersion();
    }

    /** Returns whether other processes may append to the same database. */
    boolean isShared();

    /** Checks the settings of the database, and changes nothing. */
    void check(Handle handle, Durability durability);

    /**
     * Makes commits as durable as {@code durability} says, for the whole database where that is a setting of the
     * database.
     */
    void prepare(Handle handle, Durability durability);

    /** Tells {@code sessions} how to recognize an unusable session of this database. */
    void watch(Sessions sessions, Connection connection, JdbiStoreConfig config) throws SQLException;

    /**
     * Waits until no other process migrates this database, and excludes other migrations until the end of the
     * transaction.
     */
    void lockMigrations(Handle handle);

    /** Reads the objects in the schema of the log whose names are ours. */
    Catalog catalog(Handle handle, JdbiStoreConfig config, Tables tables);

    /** Returns whether the rollback of a transaction removes the tables that it created. */
    boolean isDdlTransactional();

    /** The directory of this database's SQL files. */
    String directory();

    /** Returns a number that identifies the log among all logs in the same database. */
    long logNumber(Jdbi jdbi);

    /** Takes the append lock until the end of the transaction; its previous holder has committed or rolled back. */
    void lockAppends(Handle handle);

    /** Returns when every committed transaction is as durable as {@code durability} says. */
    void sync(Handle handle, Durability durability);

    /** Returns the time for ids and ages. An append reads it with the append lock held. */
    Instant now(Handle handle, JdbiStoreConfig config);

    /** Runs {@code read} in such a way that the database does not send rows that {@code read} does not take. */
    <T> T read(Jdbi jdbi, HandleCallback<T, RuntimeException> read);
}
