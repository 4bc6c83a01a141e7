package dev.confab.jdbi;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the current schema of a database has under names that are ours, all in lower case.
 *
 * @param schema the current schema, in which tables are created
 * @param relations what keeps a table of the name from being created
 * @param indexes what keeps an index of the name from being created
 * @param columns the columns of each table by table and name
 * @param versionsElsewhere another schema in which our statements find {@link Tables#VERSIONS}; null for none
 */
record Catalog(
        String schema,
        Map<String, Item> relations,
        Map<String, Item> indexes,
        Map<String, Map<String, Column>> columns,
        @Nullable String versionsElsewhere) {
    static final String TABLE = "table";
    static final String INDEX = "index";

    /**
     * A table, a view, an index, a type.
     *
     * @param kind the word for it
     * @param table that of an index; null for others
     */
    record Item(String kind, @Nullable String table) {
        boolean isTable() {
            return kind.equals(TABLE);
        }

        boolean isIndexOf(Table owner) {
            return kind.equals(INDEX) && owner.name().equals(table);
        }
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
     * Returns the first column in which the table of the database is not {@code table}, with what was expected, and null
     * when they match. A column more does no harm when an insert may leave it out.
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
