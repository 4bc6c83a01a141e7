package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@link Catalog} of PostgreSQL, of one schema only: a table later in the search path is not ours and does no
 * harm. The system's own catalog shows columns also to a role without rights on them.
 */
final class PostgresCatalog {
    private static final String KIND = """
            case c.relkind when 'r' then 'table' when 'p' then 'table'
              when 'v' then 'view' when 'm' then 'materialized view'
              when 'i' then 'index' when 'I' then 'index' when 'S' then 'sequence' when 'f' then 'foreign table'
              else 'type' end
            """;

    /** Tables, views, indexes, sequences and types share one set of names. */
    private static final String NAMES = "select c.relname, " + KIND + """
               as kind, (select relname from pg_class where oid = i.indrelid) as owner
            from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
            where n.nspname = :schema and c.relname = any (:names)
            union all
            select t.typname, 'type', null
            from pg_type t join pg_namespace n on n.oid = t.typnamespace
            where n.nspname = :schema and t.typrelid = 0 and t.typname = any (:names)
            """;

    /** A check constraint has a name within its table. Keys are relations, as they have an index of their name. */
    private static final String CONSTRAINTS = """
            select k.conname, c.relname
            from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = :schema and k.contype = 'c' and k.conname = any (:names) and c.relname = any (:names)
            """;

    private static final String COLUMNS = """
            select c.relname, a.attname, format_type(a.atttypid, null) as type,
              case when a.atttypid = 'varchar'::regtype and a.atttypmod > 0 then a.atttypmod - 4 end as length,
              not a.attnotnull as nullable,
              a.atthasdef or a.attidentity <> '' as has_default
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = :schema and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
              and c.relname = any (:names)
            """;

    private static final String ELSEWHERE = """
            select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.oid = to_regclass(?) and n.nspname <> current_schema()
              and 2 = (select count(*) from pg_attribute where attrelid = c.oid and attname in ('id', 'version'))
            """;

    private PostgresCatalog() {}

    static Catalog read(Handle handle, @Nullable String configured, Tables tables) {
        String name = configured == null ? null : configured.toLowerCase(Locale.ROOT);
        String schema = handle.createQuery(
                        "select nspname from pg_namespace where nspname = coalesce(cast(:name as text), current_schema())")
                .bind("name", name)
                .mapTo(String.class)
                .findOne()
                .orElse(null);
        if (schema == null) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "schema: "
                            + (name == null
                                    ? "none (expected: a search path with a schema that exists, such as"
                                            + " currentSchema=public)"
                                    : name + " (expected: a schema that exists)"),
                    null);
        }
        Map<String, Catalog.Item> names = names(handle, schema, tables);
        return new Catalog(
                schema,
                names,
                names,
                constraints(handle, schema, tables),
                columns(handle, schema, tables),
                name == null ? elsewhere(handle, tables) : null);
    }

    private static Query query(Handle handle, String sql, String schema, Tables tables) {
        return handle.createQuery(sql).bind("schema", schema).bindArray("names", String.class, tables.names());
    }

    private static Map<String, Catalog.Item> names(Handle handle, String schema, Tables tables) {
        Map<String, Catalog.Item> names = new HashMap<>();
        query(handle, NAMES, schema, tables)
                .map((row, context) ->
                        Map.entry(row.getString(1), new Catalog.Item(row.getString(2), row.getString("owner"))))
                .forEach(item -> names.put(item.getKey(), item.getValue()));
        return names;
    }

    private static Map<String, Set<String>> constraints(Handle handle, String schema, Tables tables) {
        Map<String, Set<String>> constraints = new HashMap<>();
        query(handle, CONSTRAINTS, schema, tables)
                .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
                .forEach(constraint -> constraints
                        .computeIfAbsent(constraint.getKey(), name -> new HashSet<>())
                        .add(constraint.getValue()));
        return constraints;
    }

    private static Map<String, Map<String, Column>> columns(Handle handle, String schema, Tables tables) {
        Map<String, Map<String, Column>> columns = new HashMap<>();
        query(handle, COLUMNS, schema, tables)
                .map((row, context) -> {
                    Column column = new Column(
                            row.getString("attname"),
                            row.getString("type"),
                            row.getObject("length", Integer.class),
                            row.getBoolean("nullable"),
                            row.getBoolean("has_default"));
                    return Map.entry(row.getString("relname"), column);
                })
                .forEach(column -> columns.computeIfAbsent(column.getKey(), table -> new HashMap<>())
                        .put(column.getValue().name(), column.getValue()));
        return columns;
    }

    private static @Nullable String elsewhere(Handle handle, Tables tables) {
        return handle.select(ELSEWHERE, tables.versions().name())
                .mapTo(String.class)
                .findOne()
                .orElse(null);
    }
}
