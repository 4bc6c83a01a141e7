package dev.confab.jdbi;

import java.util.List;
import java.util.stream.Stream;

/**
 * A table of the log as {@link Schema} creates it and checks it.
 *
 * @param since the version of the schema that has it first
 * @param columns each as in a {@code create table}
 * @param constraints the primary key and others, as in a {@code create table}
 * @param unexpectedRow the condition for a row that no installation or migration that stopped half way has written
 */
record Table(
        String name, int since, List<String> columns, String constraints, List<Index> indexes, String unexpectedRow) {
    /**
     * An index of the table.
     *
     * @param definition begins with {@code index} or {@code unique index}
     */
    record Index(String name, String definition) {}

    private static final String ANY = "true";

    Table(String name, int since, List<String> columns, String constraints) {
        this(name, since, columns, constraints, List.of(), ANY);
    }

    /** The table with one more index: {@code kind} is {@code index} or {@code unique index}. */
    Table with(String kind, String index, String indexed) {
        Index more = new Index(index, kind + " " + index + " on " + name + " (" + indexed + ")");
        return new Table(
                name,
                since,
                columns,
                constraints,
                Stream.concat(indexes.stream(), Stream.of(more)).toList(),
                unexpectedRow);
    }

    /** The table, in which an unfinished migration may have written all rows but those of the condition. */
    Table expectingNo(String rows) {
        return new Table(name, since, columns, constraints, indexes, rows);
    }

    String ddl() {
        return "create table " + name + " (" + String.join(", ", columns) + ", " + constraints + ")";
    }
}
