package dev.confab.core;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import org.jdbi.v3.core.Handle;

/**
 * What differs between the databases; all other SQL is what they share.
 *
 * @param isShared whether other processes may append to the same database
 */
record Dialect(boolean isShared) {
    private static final Dialect H2 = new Dialect(false);

    /** The dialect of the database behind {@code connection}. */
    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        if (product.equals("H2")) {
            return H2;
        }
        throw new StoreException(StoreException.Kind.UNAVAILABLE, "database: " + product + " (expected: H2)", null);
    }

    /** Makes commits as durable as {@code durability} says, for the whole database. */
    void prepare(Handle handle, Durability durability) {
        // The setting stays in the database's file, so both cases set it. 500 ms is what H2 starts with.
        handle.execute(durability == Durability.OS ? "set write_delay 0" : "set write_delay 500");
    }

    /** Returns when all that was committed is as durable as {@code durability} says. */
    void sync(Handle handle, Durability durability) {
        if (durability == Durability.FSYNC) {
            handle.execute("checkpoint sync");
        }
    }

    /** The time that ids and ages go by. */
    Instant now(Handle handle, JdbiStoreConfig config) {
        return config.clock().instant();
    }
}
