package dev.confab.jdbi;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables, indexes and other objects in the schema of the log whose names are ours, all in lower case.
 *
 * @param schema the schema in which tables are created
 * @param relations the objects that prevent a table of their name from being created
 * @param indexes the objects that prevent an index of their name from being created
 * @param constraints the tables that have a constraint, by the name of the constraint
 * @param columns the columns of each table by table and name
 * @param versionsElsewhere another schema in which our statements find {@link Tables#versions()}; null for none
 */
record Catalog(
        String schema,
        Map<String, Item> relations,
        Map<String, Item> indexes,
        Map<String, Set<String>> constraints,
        Map<String, Map<String, Column>> columns,
        @Nullable String versionsElsewhere) {
    static final String TABLE = "table";
    static final String INDEX = "index";

    /**
     * A table, a view, an index or a type.
     *
     * @param kind the word for it
     * @param table the table of an index; null for others
     */
    record Item(String kind, @Nullable String table) {
        boolean isTable() {
            return kind.equals(TABLE);
        }

        boolean isIndexOf(Table owner) {
            return kind.equals(INDEX) && owner.name().equals(table);
        }
    }

    /**
     * Returns whether the index or constraint of {@code rename} is that of one of our tables, under its old or new
     * name.
     */
    boolean belongsToOurs(Rename rename, Tables tables, Set<Table> formerlyNamed) {
        for (Table table : tables.newest()) {
            Table former = formerlyNamed.contains(table) ? tables.former(table) : null;
            if (hasPart(rename, table.name()) || (former != null && hasPart(rename, former.name()))) {
                return true;
            }
        }
        return false;
    }

    private boolean hasPart(Rename rename, String table) {
        Item index = indexes.get(rename.oldName());
        return rename.kind().equals(INDEX)
                ? index != null && table.equals(index.table())
                : constraints.getOrDefault(rename.oldName(), Set.of()).contains(table);
    }

    /** Returns a table other than {@code owner} that has a constraint of this name, or null. */
    @Nullable
    String otherConstraint(String name, Table owner) {
        return constraints.getOrDefault(name, Set.of()).stream()
                .filter(table -> !table.equals(owner.name()))
                .findFirst()
                .orElse(null);
    }

    @Nullable
    Item relation(String name) {
        return relations.get(name);
    }

    @Nullable
    Item index(String name) {
        return indexes.get(name);
    }

    /**
     * Returns the first column in which the table of the database differs from {@code table}, with the expected column,
     * and null when they match. An additional column does no harm when an insert may leave it out.
     */
    @Nullable
    String difference(Table table) {
        Map<String, Column> found = columns.getOrDefault(table.name(), Map.of());
        for (String declaration : table.columns()) {
            Column expected = Column.declared(declaration);
            Column column = found.get(expected.name());
            if (column == null) {
                return "no column " + expected.name() + " (expected: " + expected;
            }
            if (!expected.matches(column)) {
                return "column " + column + " (expected: " + expected;
            }
        }
        return found.values().stream()
                .filter(column -> !column.nullable() && !column.hasDefault())
                .filter(column -> table.columns().stream().noneMatch(c -> c.startsWith(column.name() + " ")))
                .findFirst()
                .map(column -> "column " + column + " (expected: no such column")
                .orElse(null);
    }
}
