package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Tells our tables from those of an application that have the same names, before anything is changed.
 *
 * @param catalog what there is
 * @param mayBeUnfinished whether an installation or a migration may have stopped half way
 */
record SchemaCheck(Catalog catalog, boolean mayBeUnfinished) {
    /** Checks that the table of the version is one that its row can be read from. */
    void versions() {
        Catalog.Item item = catalog.relation(Tables.VERSIONS.name());
        if (item == null || !item.isTable() || catalog.difference(Tables.VERSIONS) != null) {
            throw strangers(List.of((item == null ? Catalog.TABLE : item.kind()) + " " + Tables.VERSIONS.name()));
        }
    }

    /**
     * Checks all other tables.
     *
     * @param version what the row of the version says; null when there is no row, and so no table of ours
     * @throws StoreException when there is a table, an index or a column that is not ours, or one of ours is missing
     */
    void run(Handle handle, @Nullable Integer version) {
        if (version == null) {
            checkNoRow(handle);
            checkElsewhere();
        } else if (version < 0 || version > Tables.VERSION) {
            throw refusal("schema: version " + version + " (expected: "
                    + (version < 0
                            ? "0 to " + Tables.VERSION
                            : "at most " + Tables.VERSION + "; the database is of a newer program")
                    + ")");
        }
        int vouched = version == null ? 0 : version;
        boolean unfinished = mayBeUnfinished && version != null;
        List<String> strangers = new ArrayList<>();
        for (Table table : Tables.NEWEST) {
            boolean ours = table.since() <= vouched;
            if (ours) {
                checkOurs(table);
            }
            Catalog.Item item = catalog.relation(table.name());
            boolean mayBeOurs = ours || (unfinished && item != null && isUnfinished(handle, table, item));
            if (item != null && !mayBeOurs) {
                strangers.add(item.kind() + " " + table.name());
            }
            for (Table.Index index : table.indexes()) {
                Catalog.Item there = catalog.index(index.name());
                if (there != null && !ours && !(mayBeOurs && there.isIndexOf(table))) {
                    strangers.add(there.kind() + " " + index.name());
                }
            }
        }
        Catalog.Item moved = catalog.relation(Tables.MOVED_PARTICIPANT.name());
        boolean mayBeMoved = mayBeUnfinished && catalog.difference(Tables.MOVED_PARTICIPANT) == null;
        if (moved != null && (vouched == 1 || vouched == 2) && !(moved.isTable() && mayBeMoved)) {
            strangers.add(moved.kind() + " " + Tables.MOVED_PARTICIPANT.name());
        }
        if (!strangers.isEmpty()) {
            throw strangers(strangers);
        }
        if (vouched == 1) {
            checkParticipant();
        }
    }

    /** Checks that the table has no row at all, as after an installation that stopped before its first row. */
    private void checkNoRow(Handle handle) {
        String name = Tables.VERSIONS.name();
        if (catalog.relation(name) != null && hasRow(handle, name, "true")) {
            throw strangers(List.of(Catalog.TABLE + " " + name));
        }
    }

    /** A second log beside one that the same names lead to would look as if all messages were lost. */
    private void checkElsewhere() {
        if (catalog.versionsElsewhere() != null) {
            throw refusal("schema: " + catalog.schema() + " (expected: " + catalog.versionsElsewhere()
                    + ", where the search path finds Confab's tables; let it begin with that, or be without it)");
        }
    }

    private void checkOurs(Table table) {
        Catalog.Item item = catalog.relation(table.name());
        if (item == null) {
            throw refusal("table " + table.name() + ": missing (expected: Confab's own; " + Tables.VERSIONS.name()
                    + " says that it was created: restore it)");
        }
        if (!item.isTable()) {
            throw refusal(
                    "table " + table.name() + ": a " + item.kind() + " (expected: Confab's own table; restore it)");
        }
        String difference = catalog.difference(table);
        if (difference != null) {
            throw refusal("table " + table.name() + ": " + difference + "; another table took the place of Confab's,"
                    + " or somebody changed it: restore it)");
        }
    }

    /** On H2, a migration may have moved its rows already. */
    private void checkParticipant() {
        boolean moved = catalog.relation(Tables.MOVED_PARTICIPANT.name()) != null;
        boolean gone = mayBeUnfinished && catalog.relation(Tables.PARTICIPANT.name()) == null;
        if (!moved && !gone) {
            checkOurs(Tables.PARTICIPANT);
        }
    }

    private boolean isUnfinished(Handle handle, Table table, Catalog.Item item) {
        return item.isTable()
                && catalog.difference(table) == null
                && !hasRow(handle, table.name(), table.unexpectedRow());
    }

    private static boolean hasRow(Handle handle, String table, String condition) {
        return handle.select("select exists (select 1 from " + table + " where " + condition + ")")
                .mapTo(Boolean.class)
                .one();
    }

    private StoreException strangers(List<String> names) {
        boolean one = names.size() == 1;
        return refusal(String.join(", ", names) + ": " + (one ? "exists" : "exist") + " in schema " + catalog.schema()
                + " but " + (one ? "is" : "are") + " not Confab's (expected: a schema without " + (one ? "it" : "them")
                + "; rename " + (one ? "it" : "them") + ", or give Confab a schema of its own)");
    }

    private static StoreException refusal(String message) {
        return new StoreException(StoreException.Kind.UNAVAILABLE, message, null);
    }
}
