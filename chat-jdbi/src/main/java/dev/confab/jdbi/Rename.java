package dev.confab.jdbi;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statement that renames a table, an index or a constraint.
 *
 * @param kind {@code table}, {@code index} or {@code constraint}
 * @param table the table of a constraint; null for others
 */
record Rename(String kind, @Nullable String table, String oldName, String newName) {
    private static final Pattern STATEMENT =
            Pattern.compile("alter (table|index) (\\w+) rename (?:constraint (\\w+) )?to (\\w+);");

    /** Returns null for any other statement. */
    static @Nullable Rename parse(String statement) {
        Matcher parts = STATEMENT.matcher(statement);
        if (!parts.matches()) {
            return null;
        }
        return parts.group(3) == null
                ? new Rename(parts.group(1), null, parts.group(2), parts.group(4))
                : new Rename("constraint", parts.group(2), parts.group(3), parts.group(4));
    }

    String sql(Tables tables) {
        return table == null
                ? "alter " + kind + " " + tables.qualified(oldName) + " rename to " + newName
                : "alter table " + tables.qualified(table) + " rename constraint " + oldName + " to " + newName;
    }
}
