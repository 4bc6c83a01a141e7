package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.sql.Connection;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL: many nodes, one database. An append makes its settings in its transaction, so any connection may be used,
 * even if a pooler assigns another one for each transaction.
 *
 * @param version the major version
 */
record PostgresDialect(int version) implements Dialect {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresDialect.class);

    private static final int OLDEST = 13;

    /** The first version with a time-out for transactions. */
    private static final int TRANSACTION_TIMEOUT = 17;

    /**
     * One number for each database. The schema does not matter, because waiting for the migration of another log does
     * no harm.
     */
    private static final long MIGRATION_LOCK = 0x636f_6e66_6162L; // "confab"

    /**
     * The server aborts the transaction of a node that hangs after 4 s, and the next node waits for the lock longer
     * than that. The first time-out is for a transaction that sends no next statement. {@link #AFTER_LOCK} is for a
     * node that hangs while it sends a statement; it begins with the append lock held, so the wait for the lock does
     * not count.
     */
    private static final String APPEND_LIMITS = "set local idle_in_transaction_session_timeout = 4000;"
            + " set local lock_timeout = 8000; set local statement_timeout = 10000;";

    private static final String AFTER_LOCK = "; set local transaction_timeout = 4000";

    static PostgresDialect ofVersion(int version) {
        if (version < OLDEST) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "database: PostgreSQL " + version + " (expected: " + OLDEST + " or newer)",
                    null);
        }
        return new PostgresDialect(version);
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public void check(Handle handle, Durability durability) {
        for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
            if (durability == Durability.FSYNC && show(handle, setting).equals("off")) {
                LOG.warn("PostgreSQL: {} is off, so a crash may take acknowledged messages", setting);
            }
        }
        String encoding = show(handle, "server_encoding");
        if (!encoding.equals("UTF8")) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE, "database encoding: " + encoding + " (expected: UTF8)", null);
        }
    }

    /**
     * Sets nothing, because the administrator of the server decides how durable a commit is. {@link #check} warns when
     * it is less durable.
     */
    @Override
    public void prepare(Handle handle, Durability durability) {}

    @Override
    public void watch(Sessions sessions, Connection connection, JdbiStoreConfig config) {
        sessions.lookForPooler(connection);
    }

    private static String show(Handle handle, String setting) {
        return handle.select("select current_setting(?)", setting)
                .mapTo(String.class)
                .one();
    }

    @Override
    public void lockMigrations(Handle handle) {
        handle.execute("set local idle_in_transaction_session_timeout = 5000; set local lock_timeout = 15000;"
                + " set local statement_timeout = 0");
        // Two nodes that create the same table at once would fail.
        handle.select("select 1 from (select pg_advisory_xact_lock(?)) l", MIGRATION_LOCK)
                .mapTo(Integer.class)
                .one();
    }

    @Override
    public Catalog catalog(Handle handle, JdbiStoreConfig config, Tables tables) {
        return PostgresCatalog.read(handle, config.schema(), tables);
    }

    @Override
    public boolean isDdlTransactional() {
        return true;
    }

    @Override
    public String directory() {
        return "postgresql";
    }

    /** Returns the object identifier of a table, which is unique in the database and survives a change of its name. */
    @Override
    public long logNumber(Jdbi jdbi) {
        return jdbi.withHandle(handle -> handle.select("select cast(tableoid as bigint) from <log_head> where id = 1")
                .mapTo(Long.class)
                .one());
    }

    @Override
    public void lockAppends(Handle handle) {
        // All settings and the lock take one round trip.
        handle.execute(APPEND_LIMITS + Appender.LOCK + (version >= TRANSACTION_TIMEOUT ? AFTER_LOCK : ""));
    }

    /** Does nothing: a completed commit is durable. */
    @Override
    public void sync(Handle handle, Durability durability) {}

    @Override
    public Instant now(Handle handle, JdbiStoreConfig config) {
        InstantSource clock = config.clock();
        // Not now(): that is the start of the transaction, before it waited for the lock.
        return clock != null
                ? clock.instant()
                : handle.select("select clock_timestamp()")
                        .map((row, context) ->
                                row.getObject(1, OffsetDateTime.class).toInstant())
                        .one();
    }

    /** Reads in a transaction, because the driver fetches all rows at once outside of one. */
    @Override
    public <T> T read(Jdbi jdbi, HandleCallback<T, RuntimeException> read) {
        return jdbi.inTransaction(read);
    }
}
