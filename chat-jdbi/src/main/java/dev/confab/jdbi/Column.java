package dev.confab.jdbi;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A column, as {@link Tables} declares it or as the database has it.
 *
 * @param type its name in the SQL standard, without the length
 * @param length the maximum length of a text; null for no limit, and for other types
 * @param hasDefault whether an insert may leave the column out although it is not nullable
 */
record Column(String name, String type, @Nullable Integer length, boolean nullable, boolean hasDefault) {
    private static final Pattern DECLARATION = Pattern.compile("(\\w+) (\\w+)(?:\\((\\d+)\\))?(.*)");

    /** Parses a column's part of a {@code create table}, such as {@code room varchar(64) not null}. */
    static Column declared(String declaration) {
        Matcher parts = DECLARATION.matcher(declaration);
        if (!parts.matches()) {
            throw new IllegalArgumentException("column: " + declaration + " (expected: a name and a type)");
        }
        String length = parts.group(3);
        String rest = parts.group(4);
        return new Column(
                parts.group(1),
                standardType(parts.group(2)),
                length == null ? null : Integer.valueOf(length),
                !rest.contains("not null"),
                rest.contains("generated"));
    }

    /** The type in the words of the SQL standard. */
    static String standardType(String type) {
        String name = type.toLowerCase(Locale.ROOT);
        return switch (name) {
            case "int" -> "integer";
            case "varchar" -> "character varying";
            default -> name;
        };
    }

    /** Whether {@code other} takes every value of this column, and no null that this column does not take. */
    boolean matches(Column other) {
        boolean longEnough = other.length == null || (length != null && other.length >= length);
        return type.equals(other.type) && nullable == other.nullable && longEnough;
    }

    /** The name, type and constraint, as in a {@code create table}. */
    @Override
    public String toString() {
        return name + " " + type + (length == null ? "" : "(" + length + ")") + (nullable ? "" : " not null");
    }
}
