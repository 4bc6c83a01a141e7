package dev.confab.core;

import java.sql.Connection;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The tables, and how they came to be: one list of statements a version. PostgreSQL does all of it or nothing; H2 commits at
 * every statement here, so a migration may stop half way or run twice, and each statement says {@code if not exists}.
 */
final class Schema {
    /** Held by migrations and by {@link Trimmer}, one at a time; an append does not wait for it. */
    static final String LOCK = "select version from confab_schema where id = 1 for update";

    private static final List<String> THE_LOG = List.of(
            // One row; holding its lock is the right to append.
            "create table if not exists log_head (id int primary key check (id = 1), origin uuid not null)",
            """
            create table if not exists entry (
              id uuid primary key, room varchar not null, type varchar not null, nick varchar, body varchar not null)
            """,
            "create unique index if not exists entry_room on entry (room, id)",
            "create table if not exists room_trim (room varchar primary key, trimmed_through uuid not null)",
            "create index if not exists room_trim_through on room_trim (trimmed_through)",
            """
            create table if not exists publish_key (
              room varchar not null, draft_key varchar not null, id uuid not null, digest uuid not null,
              primary key (room, draft_key))
            """,
            "create index if not exists publish_key_id on publish_key (id)",
            """
            create table if not exists participant (
              room varchar not null, nick varchar not null, joined uuid not null, primary key (room, nick))
            """);

    /** Participants by node. Those there were become those of a node that is gone. */
    private static final List<String> LEASES = List.of(
            // expires_at: ms since 1970. expired: its participants are leaving, and it cannot be renewed.
            "create table if not exists node_lease"
                    + " (node uuid primary key, expires_at bigint not null, expired boolean not null)",
            """
            create table if not exists node_participant (
              room varchar not null, nick varchar not null, node uuid not null, primary key (room, nick, node))
            """,
            "create index if not exists node_participant_node on node_participant (node, room, nick)",
            // A migration may have stopped after the last statement: then there is nobody in it.
            """
            create table if not exists participant (
              room varchar not null, nick varchar not null, joined uuid not null, primary key (room, nick))
            """,
            """
            insert into node_lease (node, expires_at, expired)
              select cast('00000000-0000-0000-0000-000000000000' as uuid), 0, false
              where exists (select 1 from participant) and not exists
              (select 1 from node_lease where node = cast('00000000-0000-0000-0000-000000000000' as uuid))
            """,
            """
            insert into node_participant (room, nick, node)
              select room, nick, cast('00000000-0000-0000-0000-000000000000' as uuid) from participant p where not exists
              (select 1 from node_participant n where n.room = p.room and n.nick = p.nick)
            """,
            "drop table if exists participant");

    private static final List<List<String>> MIGRATIONS = List.of(THE_LOG, LEASES);

    /** In one process, as H2 gives up its locks at every statement of a migration. */
    private static final Object MIGRATING = new Object();

    private final Jdbi jdbi;
    private final Dialect dialect;
    private final JdbiStoreConfig config;

    Schema(Jdbi jdbi, Dialect dialect, JdbiStoreConfig config) {
        this.jdbi = jdbi;
        this.dialect = dialect;
        this.config = config;
    }

    /**
     * Brings the database to this program's version; an empty one becomes an empty log.
     *
     * @throws StoreException also when the database is newer than the program
     */
    void migrate() {
        synchronized (MIGRATING) {
            jdbi.useHandle(handle -> {
                checkIsolation(handle);
                dialect.prepare(handle, config.durability());
                handle.useTransaction(this::migrate);
                dialect.sync(handle, config.durability());
            });
        }
    }

    private void migrate(Handle handle) {
        dialect.lockMigrations(handle);
        if (!dialect.hasTable(handle, "confab_schema")) {
            handle.execute("create table if not exists confab_schema (id int primary key, version int not null)");
        }
        handle.execute(
                "insert into confab_schema (id, version) select 1, 0 where not exists (select 1 from confab_schema)");
        int version = handle.select(LOCK).mapTo(Integer.class).one();
        if (version > MIGRATIONS.size()) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "schema: version " + version + " (expected: at most " + MIGRATIONS.size()
                            + "; the database is of a newer program)",
                    null);
        }
        for (List<String> migration : MIGRATIONS.subList(version, MIGRATIONS.size())) {
            migration.forEach(statement -> handle.execute(dialect.ddl(statement)));
        }
        MessageId origin = new IdGenerator(() -> dialect.now(handle, config)).next(MessageId.MIN);
        handle.execute(
                "insert into log_head (id, origin) select 1, cast(? as uuid) where not exists"
                        + " (select 1 from log_head)",
                origin.toUuid());
        handle.execute(
                "update confab_schema set version = ? where id = 1 and version <> ?",
                MIGRATIONS.size(),
                MIGRATIONS.size());
    }

    /** At a higher level an append would read the log as it was before it got the lock. */
    private static void checkIsolation(Handle handle) {
        int level = handle.getTransactionIsolationLevel().intValue();
        if (level != Connection.TRANSACTION_READ_COMMITTED) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "isolation: " + handle.getTransactionIsolationLevel() + " (expected: READ_COMMITTED)",
                    null);
        }
    }
}
