package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Tells our tables from an application's tables of the same names, before anything is changed.
 *
 * @param catalog the existing tables and indexes
 * @param mayBeUnfinished whether an installation or a migration may have stopped halfway
 */
record SchemaCheck(Catalog catalog, Tables tables, boolean mayBeUnfinished) {
    /**
     * Returns whether there is a table of the version; fails when its row cannot be read because it is not our table.
     */
    boolean hasVersions() {
        String name = tables.versions().name();
        Catalog.Item item = catalog.relation(name);
        if (item != null && (!item.isTable() || catalog.difference(tables.versions()) != null)) {
            throw strangers(List.of(item.kind() + " " + name));
        }
        return item != null;
    }

    /** Checks that all tables of the newest version exist, under any role. */
    void checkNewest(@Nullable Integer version) {
        if (version == null && catalog.relation(tables.versions().name()) == null) {
            checkElsewhere();
            throw refusal("table " + tables.versions().name() + ": missing in schema " + catalog.schema()
                    + " (expected: version " + Tables.VERSION + " of Confab's tables; apply the file "
                    + tables.createFile() + " of chat-jdbi" + tables.replacement() + ")");
        }
        if (version == null || version == 0) {
            throw refusal("schema: " + catalog.schema() + " has an unfinished installation (expected: version "
                    + Tables.VERSION
                    + " of Confab's tables; open the log once in schema mode CREATE, which finishes it)");
        }
        checkRange(version);
        if (version < Tables.VERSION) {
            throw refusal("schema: version " + version + " (expected: " + Tables.VERSION + "; "
                    + (version == Tables.VERSION - 1
                            ? "apply the file " + tables.upgradeFile() + " of chat-jdbi in schema " + catalog.schema()
                                    + ", or "
                            : "")
                    + "open the log once in schema mode CREATE, which migrates it)");
        }
        tables.newest().forEach(this::checkOurs);
    }

    /**
     * Checks all tables but that of the version.
     *
     * @param version the version in the database; null when there is none, and so no table of ours
     * @return the tables of ours that still have the name of an earlier version
     * @throws StoreException when a table, an index or a column is not ours, or one of ours is missing
     */
    Set<Table> run(Handle handle, @Nullable Integer version) {
        if (version == null) {
            checkNoRow(handle);
            checkElsewhere();
        } else {
            checkRange(version);
        }
        int vouched = version == null ? 0 : version;
        boolean unfinished = mayBeUnfinished && version != null;
        Set<Table> formerlyNamed = new LinkedHashSet<>();
        List<String> strangers = new ArrayList<>();
        for (Table table : tables.newest()) {
            boolean ours = table.since() <= vouched;
            Table former = vouched < Tables.PREFIXED ? tables.former(table) : null;
            if (former != null && hasFormerName(handle, table, former, ours, unfinished && vouched > 0)) {
                formerlyNamed.add(table);
                addStrangers(table, false, false, strangers);
            } else {
                if (ours) {
                    checkOurs(table);
                }
                Catalog.Item item = catalog.relation(table.name());
                addStrangers(table, ours, unfinished && item != null && isUnfinished(handle, table, item), strangers);
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
        return formerlyNamed;
    }

    /** Returns whether our table still has its former name, which may by now be the name of an application's table. */
    private boolean hasFormerName(Handle handle, Table table, Table former, boolean ours, boolean unfinished) {
        Catalog.Item item = catalog.relation(former.name());
        boolean isRenamed = unfinished
                && catalog.relation(table.name()) != null
                && (item == null || catalog.difference(former) != null);
        if (isRenamed) {
            return false;
        }
        if (ours) {
            checkOurs(former);
            return true;
        }
        return unfinished && item != null && isUnfinished(handle, former, item);
    }

    private void addStrangers(Table table, boolean ours, boolean mayBeOurs, List<String> strangers) {
        Catalog.Item item = catalog.relation(table.name());
        if (item != null && !ours && !mayBeOurs) {
            strangers.add(item.kind() + " " + table.name());
        }
        for (Table.Index index : table.indexes()) {
            Catalog.Item there = catalog.index(index.name());
            if (there != null && !ours && !(mayBeOurs && there.isIndexOf(table))) {
                strangers.add(there.kind() + " " + index.name());
            }
        }
        for (String constraint : table.constraintNames()) {
            Catalog.Item there = catalog.index(constraint);
            boolean isTaken =
                    (there != null && !there.isIndexOf(table)) || catalog.otherConstraint(constraint, table) != null;
            if (isTaken && !ours) {
                strangers.add("constraint " + constraint);
            }
        }
    }

    private static void checkRange(int version) {
        if (version < 0 || version > Tables.VERSION) {
            throw refusal("schema: version " + version + " (expected: "
                    + (version < 0
                            ? "0 to " + Tables.VERSION
                            : "at most " + Tables.VERSION + "; the database is of a newer program")
                    + ")");
        }
    }

    /**
     * Checks that the table of the version is empty, as after an installation that stopped before it wrote its first
     * row.
     */
    private void checkNoRow(Handle handle) {
        String name = tables.versions().name();
        if (catalog.relation(name) != null && hasRow(handle, name, "true")) {
            throw strangers(List.of(Catalog.TABLE + " " + name));
        }
    }

    /** Refuses to create a second log beside one that the search path finds: all messages would seem to be lost. */
    private void checkElsewhere() {
        if (catalog.versionsElsewhere() != null) {
            throw refusal("schema: " + catalog.schema() + " (expected: " + catalog.versionsElsewhere()
                    + ", where the search path finds Confab's tables; begin the search path with that schema, or remove"
                    + " that schema from it)");
        }
    }

    private void checkOurs(Table table) {
        String difference = catalog.difference(table);
        Catalog.Item item = catalog.relation(table.name());
        if (item == null) {
            throw refusal("table " + table.name() + ": missing (expected: Confab's own, as "
                    + tables.versions().name() + " says that it was created; restore it from a backup"
                    + (tables.newest().contains(table)
                            ? ", or create it by the statement in the file " + tables.createFile() + " of chat-jdbi"
                                    + tables.replacement()
                            : "")
                    + ")");
        }
        if (!item.isTable()) {
            throw refusal(
                    "table " + table.name() + ": a " + item.kind() + " (expected: Confab's own table; restore it)");
        }
        if (difference != null) {
            throw refusal("table " + table.name() + ": " + difference + "; another table took the place of Confab's,"
                    + " or somebody changed it: restore it)");
        }
    }

    /** On H2, an interrupted migration may have moved the rows already. */
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

    private boolean hasRow(Handle handle, String table, String condition) {
        return handle.select("select exists (select 1 from " + tables.qualified(table) + " where " + condition + ")")
                .mapTo(Boolean.class)
                .one();
    }

    private StoreException strangers(List<String> names) {
        boolean one = names.size() == 1;
        return refusal(String.join(", ", names) + ": " + (one ? "exists" : "exist") + " in schema " + catalog.schema()
                + " but " + (one ? "is" : "are") + " not Confab's (expected: a schema without " + (one ? "it" : "them")
                + "; rename " + (one ? "it" : "them") + ", or give Confab a schema or a table prefix of its own)");
    }

    private static StoreException refusal(String message) {
        return new StoreException(StoreException.Kind.UNAVAILABLE, message, null);
    }
}
