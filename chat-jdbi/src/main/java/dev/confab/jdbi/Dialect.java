package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;

/** What differs between the databases; all other SQL is what they share. */
sealed interface Dialect permits H2Dialect, PostgresDialect {
    /** The dialect of the database behind {@code connection}. */
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

    /** Whether other processes may append to the same database. */
    boolean isShared();

    /** Checks the settings of the database, and changes nothing. */
    void check(Handle handle, Durability durability);

    /** Makes commits as durable as {@code durability} says, for the whole database where that is how it is set. */
    void prepare(Handle handle, Durability durability);

    /** Tells {@code sessions} what makes a session of this database unusable. */
    void watch(Sessions sessions, Connection connection, Durability durability) throws SQLException;

    /** In a transaction: waits until no other process migrates this database, and keeps them out until its end. */
    void lockMigrations(Handle handle);

    /** Reads what the current schema has under names that are ours. */
    Catalog catalog(Handle handle);

    /** Whether a transaction that fails takes back the tables that it created. */
    boolean isDdlTransactional();

    /** A statement that creates tables, in this database's words. */
    String ddl(String statement);

    /** In a transaction: takes the right to append; whoever had it has committed or rolled back when this returns. */
    void lockAppends(Handle handle);

    /** Returns when all that was committed is as durable as {@code durability} says. */
    void sync(Handle handle, Durability durability);

    /** The time that ids and ages go by. Of an append: read after the lock is held. */
    Instant now(Handle handle, JdbiStoreConfig config);

    /** Runs {@code read} so that rows it does not take are not fetched. */
    <T> T read(Jdbi jdbi, HandleCallback<T, RuntimeException> read);
}
