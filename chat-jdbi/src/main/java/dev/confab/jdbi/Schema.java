package dev.confab.jdbi;

import dev.confab.core.MessageId;
import dev.confab.core.StoreException;
import java.sql.Connection;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the tables, and migrates those of older programs. {@link SchemaCheck} looks at them first, so nothing is
 * changed where a table is not ours.
 *
 * <p>The row of {@link Tables#VERSIONS} says which tables are ours. PostgreSQL does everything in one transaction. H2
 * commits at each statement that creates or drops something, so an installation or a migration may stop anywhere there: the
 * row comes before the first table and keeps the old version until the last, and the next start creates what is missing.
 */
final class Schema {
    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    /** Held by migrations and by {@link Trimmer}, one at a time; an append does not wait for it. */
    static final String LOCK = "select version from " + Tables.VERSIONS.name() + " where id = 1 for update";

    private static final Set<String> NAMES = Stream.concat(
                    Stream.of(Tables.VERSIONS.name(), Tables.PARTICIPANT.name(), Tables.MOVED_PARTICIPANT.name()),
                    Tables.NEWEST.stream()
                            .flatMap(table -> Stream.concat(
                                    Stream.of(table.name()),
                                    table.indexes().stream().map(Table.Index::name))))
            .collect(Collectors.toUnmodifiableSet());

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

    /** The names of all tables and indexes that a program of any version has had. */
    static Set<String> names() {
        return NAMES;
    }

    /**
     * Brings the database to this program's version; an empty one becomes an empty log.
     *
     * @throws StoreException also when the database is newer than the program, or tables are not ours; then nothing is
     *     changed
     */
    void migrate() {
        synchronized (MIGRATING) {
            jdbi.useHandle(handle -> {
                checkIsolation(handle);
                dialect.check(handle, config.durability());
                handle.useTransaction(this::migrate);
                dialect.sync(handle, config.durability());
            });
        }
    }

    private void migrate(Handle handle) {
        dialect.lockMigrations(handle);
        Catalog before = dialect.catalog(handle);
        SchemaCheck check = new SchemaCheck(before, !dialect.isDdlTransactional());
        Integer version = version(handle, before, check);
        check.run(handle, version);
        dialect.prepare(handle, config.durability());
        if (version == null) {
            begin(handle, before);
        }
        handle.select(LOCK).mapTo(Integer.class).one();
        if (version == null || version < Tables.VERSION) {
            create(handle, before);
        }
        addOrigin(handle);
        if (version != null && version == 1) {
            moveParticipants(handle, before);
            setVersion(handle, 2);
        }
        if (version != null && (version == 1 || version == 2)) {
            // Not before the version is written: at version 1 this table says that the rows are moved.
            handle.execute("drop table if exists " + Tables.MOVED_PARTICIPANT.name());
        }
        setVersion(handle, Tables.VERSION);
        if (version == null || version == 0) {
            LOG.info("Tables created, of version {}", Tables.VERSION);
        } else if (version < Tables.VERSION) {
            LOG.info("Tables changed from version {} to {}", version, Tables.VERSION);
        }
    }

    /** Returns the version that the row says, or null when there is no row. */
    private static @Nullable Integer version(Handle handle, Catalog catalog, SchemaCheck check) {
        if (catalog.relation(Tables.VERSIONS.name()) == null) {
            return null;
        }
        check.versions();
        return handle.select("select version from " + Tables.VERSIONS.name() + " where id = 1")
                .mapTo(Integer.class)
                .findOne()
                .orElse(null);
    }

    private void begin(Handle handle, Catalog before) {
        if (before.relation(Tables.VERSIONS.name()) == null) {
            handle.execute(dialect.ddl(Tables.VERSIONS.ddl()));
        }
        handle.execute("insert into " + Tables.VERSIONS.name() + " (id, version) values (1, 0)");
    }

    /** Without {@code if not exists}: a table that somebody else creates at this moment is not taken for ours. */
    private void create(Handle handle, Catalog before) {
        for (Table table : Tables.NEWEST) {
            if (before.relation(table.name()) == null) {
                handle.execute(dialect.ddl(table.ddl()));
            }
            for (Table.Index index : table.indexes()) {
                if (before.index(index.name()) == null) {
                    handle.execute("create " + index.definition());
                }
            }
        }
    }

    private void addOrigin(Handle handle) {
        MessageId origin = MessageId.originOf(dialect.now(handle, config));
        handle.execute(
                "insert into log_head (id, origin) select 1, cast(? as uuid) where not exists"
                        + " (select 1 from log_head)",
                origin.toUuid());
    }

    /**
     * Makes the participants of version 1 those of a node that is gone. Their table is renamed before it is dropped,
     * because the next start could not tell it from one that an application created meanwhile.
     */
    private static void moveParticipants(Handle handle, Catalog before) {
        String participant = Tables.PARTICIPANT.name();
        if (before.relation(participant) == null || before.relation(Tables.MOVED_PARTICIPANT.name()) != null) {
            return;
        }
        handle.execute(
                "insert into node_lease (node, expires_at, expired) select cast(? as uuid), 0, false"
                        + " where exists (select 1 from " + participant + ")"
                        + " and not exists (select 1 from node_lease where node = ?)",
                Tables.NO_NODE,
                Tables.NO_NODE);
        handle.execute(
                "insert into node_participant (room, nick, node) select room, nick, cast(? as uuid) from " + participant
                        + " p where not exists"
                        + " (select 1 from node_participant n where n.room = p.room and n.nick = p.nick)",
                Tables.NO_NODE);
        handle.execute("alter table " + participant + " rename to " + Tables.MOVED_PARTICIPANT.name());
    }

    private static void setVersion(Handle handle, int version) {
        handle.execute(
                "update " + Tables.VERSIONS.name() + " set version = ? where id = 1 and version <> ?",
                version,
                version);
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
