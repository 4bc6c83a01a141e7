package dev.confab.jdbi;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A schema in a PostgreSQL database. */
final class PostgresSchemaDatabase extends SchemaDatabase {
    /** Lists the relations with the file of each table: a table that was rewritten has another file. */
    private static final String RELATIONS = "select concat_ws(' ', relname, relkind, relfilenode, reltuples,"
            + " (select string_agg(concat_ws(' ', attnum, attname, atttypid, atttypmod, attnotnull, atthasdef,"
            + " attidentity, attcollation), ', ' order by attnum) from pg_attribute where attrelid = c.oid),"
            + " (select string_agg(pg_get_constraintdef(oid), ', ' order by oid) from pg_constraint"
            + " where conrelid = c.oid),"
            + " (select string_agg(pg_get_indexdef(indexrelid), ', ' order by indexrelid) from pg_index"
            + " where indrelid = c.oid)) from pg_class c where relnamespace = current_schema()::regnamespace";

    PostgresSchemaDatabase() {
        this(PostgresServer.newSchema());
    }

    PostgresSchemaDatabase(String url) {
        super(PostgresServer.pool(url));
    }

    @Override
    List<String> dump(String... tables) throws SQLException {
        String only =
                tables.length == 0 ? "" : " and relname in ('" + String.join("', '", Arrays.asList(tables)) + "')";
        List<String> dump = new ArrayList<>(query(RELATIONS + only + " order by relname"));
        for (String table : query("select relname from pg_class where relkind = 'r'"
                + " and relnamespace = current_schema()::regnamespace" + only + " order by relname")) {
            dump.addAll(query("select concat_ws(' ', '" + table + "', t.ctid, t.xmin, t.xmax, t::text) from " + table
                    + " t order by t.ctid"));
        }
        dump.addAll(query("select typname from pg_type where typnamespace = current_schema()::regnamespace"
                + (tables.length == 0 ? "" : " and false") + " order by 1"));
        return dump;
    }

    /**
     * Leaves out not-null constraints. They have names from PostgreSQL 18 on: a name belongs to its table, and a
     * migration does not change it.
     */
    @Override
    List<String> shape() throws SQLException {
        return query(
                "select concat_ws(' ', table_name, column_name, ordinal_position, data_type, character_maximum_length,"
                        + " is_nullable, is_identity, collation_name) from information_schema.columns"
                        + " where table_schema = current_schema()"
                        + " union all select replace(indexdef, current_schema(), '') from pg_indexes"
                        + " where schemaname = current_schema()"
                        + " union all select concat_ws(' ', conname, pg_get_constraintdef(oid)) from pg_constraint"
                        + " where connamespace = current_schema()::regnamespace and contype <> 'n' order by 1");
    }

    /** Adds the collation, as releases 1 to 3 did. */
    @Override
    String ddl(String statement) {
        return statement.replaceAll(" varchar(\\(\\d+\\))?", " varchar$1 collate \"C\"");
    }

    @Override
    List<String> names() throws SQLException {
        return query("select relname from pg_class where relnamespace = current_schema()::regnamespace"
                + " union all select conname from pg_constraint"
                + " where connamespace = current_schema()::regnamespace and contype <> 'n'");
    }

    @Override
    String schema() {
        return pool.getJdbcUrl().replaceFirst(".*currentSchema=", "");
    }

    @Override
    String createFile() {
        return "confab/postgresql/V4__create_confab_tables.sql";
    }

    @Override
    String upgradeFile() {
        return "confab/postgresql/upgrade/3-to-4.sql";
    }

    @Override
    SchemaDatabase another() {
        return new PostgresSchemaDatabase();
    }
}
