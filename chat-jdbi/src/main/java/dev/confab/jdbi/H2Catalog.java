package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@link Catalog} of H2. The settings of H2 decide how a name without quotes is stored. So a name in quotes
 * may be that of our table or of another one.
 */
final class H2Catalog {
    /** H2 stores a length for every text. Declared lengths are below this number. */
    private static final int NO_LIMIT = 1_000_000;

    private final Connection connection;
    private final DatabaseMetaData database;
    private final String schema;

    private final Set<String> ours;

    private H2Catalog(Connection connection, @Nullable String schema, Tables tables) throws SQLException {
        this.connection = connection;
        this.database = connection.getMetaData();
        this.schema = schema == null ? connection.getSchema() : stored(schema);
        this.ours = Set.copyOf(tables.names());
    }

    static Catalog read(Handle handle, @Nullable String schema, Tables tables) throws SQLException {
        return new H2Catalog(handle.getConnection(), schema, tables).read();
    }

    /**
     * Returns the name of an existing schema as H2 stores it, which is the name to which H2 folds {@code name} in SQL.
     */
    private String stored(String name) throws SQLException {
        String folded = database.storesUpperCaseIdentifiers()
                ? name.toUpperCase(Locale.ROOT)
                : database.storesLowerCaseIdentifiers() ? name.toLowerCase(Locale.ROOT) : name;
        try (ResultSet schemas = database.getSchemas()) {
            while (schemas.next()) {
                if (folded.equals(schemas.getString("TABLE_SCHEM"))) {
                    return folded;
                }
            }
        }
        throw new StoreException(
                StoreException.Kind.UNAVAILABLE, "schema: " + name + " (expected: a schema that exists)", null);
    }

    private Catalog read() throws SQLException {
        Map<String, Catalog.Item> relations = new HashMap<>();
        Map<String, Map<String, Column>> columns = new HashMap<>();
        try (ResultSet rows = database.getTables(null, pattern(schema), null, null)) {
            while (rows.next()) {
                String stored = rows.getString("TABLE_NAME");
                String name = asWritten(stored);
                if (name != null && ours.contains(name)) {
                    relations.put(name, new Catalog.Item(kind(rows.getString("TABLE_TYPE")), null));
                    columns.put(name, columns(stored));
                }
            }
        }
        return new Catalog(schema.toLowerCase(Locale.ROOT), relations, indexes(), constraints(), columns, null);
    }

    private static String kind(String type) {
        return type.equals("BASE TABLE") ? Catalog.TABLE : type.toLowerCase(Locale.ROOT);
    }

    private Map<String, Catalog.Item> indexes() throws SQLException {
        Map<String, Catalog.Item> indexes = new HashMap<>();
        // These names are in upper case, also where the database does not fold names.
        try (PreparedStatement statement = connection.prepareStatement(
                "select INDEX_NAME, TABLE_NAME from INFORMATION_SCHEMA.INDEXES where TABLE_SCHEMA = ?")) {
            statement.setString(1, schema);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = asWritten(rows.getString(1));
                    if (name != null) {
                        indexes.put(name, new Catalog.Item(Catalog.INDEX, asWritten(rows.getString(2))));
                    }
                }
            }
        }
        return indexes;
    }

    /** In H2, the names of constraints are unique in a schema. */
    private Map<String, Set<String>> constraints() throws SQLException {
        Map<String, Set<String>> constraints = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "select CONSTRAINT_NAME, TABLE_NAME from INFORMATION_SCHEMA.TABLE_CONSTRAINTS where TABLE_SCHEMA = ?")) {
            statement.setString(1, schema);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String name = asWritten(rows.getString(1));
                    String table = asWritten(rows.getString(2));
                    if (name != null && ours.contains(name)) {
                        constraints.put(name, Set.of(table == null ? "" : table));
                    }
                }
            }
        }
        return constraints;
    }

    private Map<String, Column> columns(String table) throws SQLException {
        Map<String, Column> columns = new HashMap<>();
        try (ResultSet rows = database.getColumns(null, pattern(schema), pattern(table), null)) {
            while (rows.next()) {
                String stored = rows.getString("COLUMN_NAME");
                String written = asWritten(stored);
                String name = written == null ? '"' + stored + '"' : written;
                String type = Column.standardType(rows.getString("TYPE_NAME"));
                int length = rows.getInt("COLUMN_SIZE");
                boolean limited = type.startsWith("character") && length < NO_LIMIT;
                columns.put(
                        name,
                        new Column(
                                name,
                                type,
                                limited ? length : null,
                                rows.getInt("NULLABLE") == DatabaseMetaData.columnNullable,
                                rows.getString("COLUMN_DEF") != null
                                        || "YES".equals(rows.getString("IS_AUTOINCREMENT"))
                                        || "YES".equals(rows.getString("IS_GENERATEDCOLUMN"))));
            }
        }
        return columns;
    }

    /** The name in lower case by which SQL refers to the stored name without quotes; null when quotes are necessary. */
    private @Nullable String asWritten(String stored) throws SQLException {
        String name = stored.toLowerCase(Locale.ROOT);
        if (!database.supportsMixedCaseQuotedIdentifiers()) {
            return name;
        }
        String folded = database.storesUpperCaseIdentifiers() ? name.toUpperCase(Locale.ROOT) : name;
        return folded.equals(stored) ? name : null;
    }

    private String pattern(String name) throws SQLException {
        String escape = database.getSearchStringEscape();
        return name.replace(escape, escape + escape).replace("_", escape + "_").replace("%", escape + "%");
    }
}
