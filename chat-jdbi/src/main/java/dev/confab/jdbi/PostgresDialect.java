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
 * PostgreSQL: many nodes, one database. What an append needs is set in its transaction, so it does not matter whose connections
 * they are, nor whether a pooler hands out another one for each transaction.
 *
 * @param version the major version
 */
record PostgresDialect(int version) implements Dialect {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresDialect.class);

    private static final int OLDEST = 13;

    /** From here on a transaction has a time-out of its own. */
    private static final int TRANSACTION_TIMEOUT = 17;

    /** One number a database; the tables' schema does not matter, as waiting for a stranger's migration is harmless. */
    private static final long MIGRATION_LOCK = 0x636f_6e66_6162L; // "confab"

    /**
     * A node that stopped in the middle is thrown out after 4 s, and who waits for it waits longer than that. The first time-out
     * is for one that the server waits for after an answer. The last is for one that stopped in the middle of sending, and it
     * begins when the lock is held, so waiting for it does not count.
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

    /** Sets nothing: how durable a commit is, the server's administrator decides. {@link #check} warns of less. */
    @Override
    public void prepare(Handle handle, Durability durability) {}

    @Override
    public void watch(Sessions sessions, Connection connection, Durability durability) {
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
        // Two that create one table at once would fail.
        handle.select("select 1 from (select pg_advisory_xact_lock(?)) l", MIGRATION_LOCK)
                .mapTo(Integer.class)
                .one();
    }

    @Override
    public Catalog catalog(Handle handle) {
        return PostgresCatalog.read(handle);
    }

    @Override
    public boolean isDdlTransactional() {
        return true;
    }

    /** Compared by bytes, as on H2: names sort the same whatever the database's locale is, and indexes are faster. */
    @Override
    public String ddl(String statement) {
        return statement.replaceAll(" varchar(\\(\\d+\\))?", " varchar$1 collate \"C\"");
    }

    @Override
    public void lockAppends(Handle handle) {
        // One round trip.
        handle.execute(APPEND_LIMITS + Appender.LOCK + (version >= TRANSACTION_TIMEOUT ? AFTER_LOCK : ""));
    }

    /** A commit that was answered is durable. */
    @Override
    public void sync(Handle handle, Durability durability) {}

    @Override
    public Instant now(Handle handle, JdbiStoreConfig config) {
        InstantSource clock = config.clock();
        // Not now(), which is when the transaction began: before it waited for the lock.
        return clock != null
                ? clock.instant()
                : handle.select("select clock_timestamp()")
                        .map((row, context) ->
                                row.getObject(1, OffsetDateTime.class).toInstant())
                        .one();
    }

    /** The driver fetches all at once outside of a transaction. */
    @Override
    public <T> T read(Jdbi jdbi, HandleCallback<T, RuntimeException> read) {
        return jdbi.inTransaction(read);
    }
}
