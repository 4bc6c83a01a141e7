package dev.confab.jdbi;

import java.util.List;

/**
 * A table of the log as {@link Schema} creates it and checks it.
 *
 * @param name the name with its prefix, without a schema
 * @param since the first version of the schema that has the table
 * @param columns each as in a {@code create table}
 * @param constraints each as in a {@code create table}
 * @param unexpectedRow the condition for a row that an interrupted installation or migration cannot have written
 */
record Table(
        String name,
        int since,
        List<String> columns,
        List<String> constraints,
        List<Index> indexes,
        String unexpectedRow) {
    /**
     * An index of the table.
     *
     * @param kind {@code index} or {@code unique index}
     * @param columns its columns, separated by commas
     */
    record Index(String name, String kind, String columns) {}

    /** The statement that creates the table; {@code qualified} is its name with the schema. */
    String ddl(String qualified) {
        return "create table " + qualified + " (" + String.join(", ", columns) + ", " + String.join(", ", constraints)
                + ")";
    }

    /** The names of the constraints. */
    List<String> constraintNames() {
        return constraints.stream()
                .filter(constraint -> constraint.startsWith("constraint "))
                .map(constraint -> constraint.split(" ", 3)[1])
                .toList();
    }

    /** The same table under another name. */
    Table named(String other) {
        return new Table(other, since, columns, constraints, indexes, unexpectedRow);
    }
}
