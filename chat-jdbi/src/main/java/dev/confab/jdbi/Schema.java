package dev.confab.jdbi;

import dev.confab.core.MessageId;
import dev.confab.core.StoreException;
import java.sql.Connection;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, migrates or validates the tables, as {@link SchemaMode} says. {@link SchemaCheck} looks at the database
 * first, so nothing is changed where a table belongs to an application.
 *
 * <p>The row of {@link Tables#versions()} says which tables are Confab's. PostgreSQL does everything in one
 * transaction. H2 commits at each statement that creates or renames something, so an installation or a migration may
 * stop anywhere there: the row is written before the first table and keeps the old version until the last, and the next
 * start finishes the work.
 */
final class Schema {
    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    /** A lock that migrations and {@link Trimmer} take, one at a time; an append does not wait for it. */
    static final String LOCK = "select version from <schema> where id = 1 for update";

    /** Held by migrations in one process, because H2 releases its locks at every statement of a migration. */
    private static final Object MIGRATING = new Object();

    private final Jdbi jdbi;
    private final Dialect dialect;
    private final JdbiStoreConfig config;
    private final Tables tables;

    Schema(Jdbi jdbi, Dialect dialect, JdbiStoreConfig config, Tables tables) {
        this.jdbi = jdbi;
        this.dialect = dialect;
        this.config = config;
        this.tables = tables;
    }

    /**
     * Makes the database ready for this version of the program; an empty one becomes an empty log.
     *
     * @throws StoreException also when the database is newer than the program, or a table of one of our names is
     *     not ours; then nothing is changed
     */
    void open() {
        synchronized (MIGRATING) {
            jdbi.useHandle(handle -> {
                checkIsolation(handle);
                dialect.check(handle, config.durability());
                handle.useTransaction(inTransaction -> {
                    dialect.lockMigrations(inTransaction);
                    switch (config.schemaMode()) {
                        case CREATE -> migrate(inTransaction);
                        case VALIDATE -> validate(inTransaction);
                        case NONE -> dialect.prepare(inTransaction, config.durability());
                    }
                    addOrigin(inTransaction);
                });
                dialect.sync(handle, config.durability());
            });
        }
    }

    private void validate(Handle handle) {
        SchemaCheck check = new SchemaCheck(dialect.catalog(handle, config, tables), tables, false);
        check.checkNewest(version(handle, check));
        dialect.prepare(handle, config.durability());
    }

    private void migrate(Handle handle) {
        Catalog before = dialect.catalog(handle, config, tables);
        SchemaCheck check = new SchemaCheck(before, tables, !dialect.isDdlTransactional());
        Integer version = version(handle, check);
        Set<Table> formerlyNamed = check.run(handle, version);
        dialect.prepare(handle, config.durability());
        if (version == null) {
            begin(handle, before);
        }
        handle.select(LOCK).mapTo(Integer.class).one();
        if (version != null && version < Tables.PREFIXED) {
            rename(handle, before, formerlyNamed);
        }
        if (version == null || version < Tables.VERSION) {
            create(handle, dialect.catalog(handle, config, tables));
        }
        if (version != null && version == 1) {
            moveParticipants(handle, before);
            setVersion(handle, 2);
        }
        if (version != null && (version == 1 || version == 2)) {
            // Not before the version is written: at version 1, the existence of this table says that the rows were
            // moved.
            dropMovedParticipants(handle);
        }
        setVersion(handle, Tables.VERSION);
        if (version == null || version == 0) {
            LOG.info("Tables created, version {}", Tables.VERSION);
        } else if (version < Tables.VERSION) {
            LOG.info("Tables migrated from version {} to {}", version, Tables.VERSION);
        }
    }

    /** Returns the version in the table of the version, or null when the table or its row is missing. */
    private static @Nullable Integer version(Handle handle, SchemaCheck check) {
        return check.hasVersions()
                ? handle.select("select version from <schema> where id = 1")
                        .mapTo(Integer.class)
                        .findOne()
                        .orElse(null)
                : null;
    }

    private void begin(Handle handle, Catalog before) {
        Table versions = tables.versions();
        if (before.relation(versions.name()) == null) {
            handle.execute(versions.ddl(tables.qualified(versions.name())));
        }
        handle.execute("insert into <schema> (id, version) values (1, 0)");
    }

    /** Gives tables, indexes and constraints of an earlier version their new names. */
    private void rename(Handle handle, Catalog before, Set<Table> formerlyNamed) {
        for (Rename rename : tables.renames()) {
            boolean isOurs = rename.kind().equals(Catalog.TABLE)
                    ? formerlyNamed.stream().anyMatch(table -> table.name().equals(rename.newName()))
                    : before.belongsToOurs(rename, tables, formerlyNamed);
            if (isOurs) {
                handle.execute(rename.sql(tables));
            }
        }
    }

    /** Without {@code if not exists}: a table that somebody else creates at this moment is not mistaken for ours. */
    private void create(Handle handle, Catalog there) {
        for (Table table : tables.newest()) {
            String name = tables.qualified(table.name());
            if (there.relation(table.name()) == null) {
                handle.execute(table.ddl(name));
            }
            for (Table.Index index : table.indexes()) {
                if (there.index(index.name()) == null) {
                    handle.execute("create " + index.kind() + " " + index.name() + " on " + name + " ("
                            + index.columns() + ")");
                }
            }
        }
    }

    private void addOrigin(Handle handle) {
        MessageId origin = MessageId.originOf(dialect.now(handle, config));
        handle.execute(
                "insert into <log_head> (id, origin) select 1, cast(? as uuid) where not exists"
                        + " (select 1 from <log_head>)",
                origin.toUuid());
    }

    /**
     * Makes the participants of version 1 those of a node that is gone. Their table is renamed before it is dropped,
     * because the next start could not tell it from a table that an application created in between.
     */
    private void moveParticipants(Handle handle, Catalog before) {
        if (before.relation(Tables.PARTICIPANT.name()) == null
                || before.relation(Tables.MOVED_PARTICIPANT.name()) != null) {
            return;
        }
        String participant = tables.qualified(Tables.PARTICIPANT.name());
        handle.execute(
                "insert into <node_lease> (node, expires_at, expired) select cast(? as uuid), 0, false"
                        + " where exists (select 1 from " + participant + ")"
                        + " and not exists (select 1 from <node_lease> where node = ?)",
                Tables.NO_NODE,
                Tables.NO_NODE);
        handle.execute(
                "insert into <node_participant> (room, nick, node) select room, nick, cast(? as uuid) from "
                        + participant
                        + " p where not exists"
                        + " (select 1 from <node_participant> n where n.room = p.room and n.nick = p.nick)",
                Tables.NO_NODE);
        handle.execute("alter table " + participant + " rename to " + Tables.MOVED_PARTICIPANT.name());
    }

    private void dropMovedParticipants(Handle handle) {
        String moved = Tables.MOVED_PARTICIPANT.name();
        // Without this look, the statement could find a table of this name later in the search path.
        if (dialect.catalog(handle, config, tables).relation(moved) != null) {
            handle.execute("drop table " + tables.qualified(moved));
        }
    }

    private static void setVersion(Handle handle, int version) {
        handle.execute("update <schema> set version = ? where id = 1 and version <> ?", version, version);
    }

    /** Refuses higher levels, because an append would read the log as it was before the append got the lock. */
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
