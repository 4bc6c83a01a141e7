package dev.confab.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** A schema in an H2 database. */
final class H2SchemaDatabase extends SchemaDatabase {
    H2SchemaDatabase() {
        this("");
    }

    H2SchemaDatabase(String settings) {
        super(pool(settings));
    }

    private static HikariDataSource pool(String settings) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + settings);
        return pool;
    }

    @Override
    List<String> dump(String... tables) throws SQLException {
        if (tables.length == 0) {
            return query("script");
        }
        List<String> script = query("script");
        return Arrays.stream(tables)
                .map(table -> "PUBLIC\"." + '"' + table.toUpperCase(Locale.ROOT) + '"')
                .flatMap(table -> script.stream().filter(line -> line.contains(table)))
                .toList();
    }

    @Override
    List<String> shape() throws SQLException {
        return query("select concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable,"
                + " is_identity) from information_schema.columns where table_schema = 'PUBLIC'"
                + " union all select concat_ws(' ', i.table_name, i.index_type_name,"
                + " case when i.index_name like '%\\_KEY\\_%'"
                + " then '' else i.index_name end,"
                + " listagg(c.column_name, ', ') within group (order by c.ordinal_position))"
                + " from information_schema.indexes i join information_schema.index_columns c"
                + " using (index_schema, index_name) where i.table_schema = 'PUBLIC'"
                + " group by i.table_name, i.index_type_name, i.index_name"
                + " union all select concat_ws(' ', table_name, constraint_type) from"
                + " information_schema.table_constraints where table_schema = 'PUBLIC' order by 1");
    }

    @Override
    String ddl(String statement) {
        return statement;
    }

    @Override
    List<String> names() throws SQLException {
        return query("select lower(table_name) from information_schema.tables where table_schema = 'PUBLIC'"
                + " union all select lower(index_name) from information_schema.indexes where table_schema = 'PUBLIC'"
                + " and index_name not like 'PRIMARY\\_KEY\\_%'"
                + " union all select lower(constraint_name) from information_schema.table_constraints"
                + " where table_schema = 'PUBLIC' and constraint_name not like 'CONSTRAINT\\_%'");
    }

    @Override
    String schema() {
        return "public";
    }

    @Override
    String createFile() {
        return "confab/h2/V4__create_confab_tables.sql";
    }

    @Override
    String upgradeFile() {
        return "confab/h2/upgrade/3-to-4.sql";
    }

    @Override
    SchemaDatabase another() {
        return new H2SchemaDatabase();
    }
}
