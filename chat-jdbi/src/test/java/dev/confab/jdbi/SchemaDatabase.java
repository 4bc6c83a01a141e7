package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A schema of a database, which is empty at first, and access to its contents. */
abstract class SchemaDatabase implements AutoCloseable {
    final HikariDataSource pool;

    SchemaDatabase(HikariDataSource pool) {
        this.pool = pool;
    }

    @Override
    public void close() {
        pool.close();
    }

    /** Returns everything in the schema, including the rows; if tables are given, only those tables. */
    abstract List<String> dump(String... tables) throws SQLException;

    /** Returns tables, columns, keys and indexes without the rows, and without names that the database generated. */
    abstract List<String> shape() throws SQLException;

    /** Translates the statement of an old release into the SQL dialect of this database. */
    abstract String ddl(String statement);

    /** Returns the names of the tables, indexes and constraints, except names that H2 generates. */
    abstract List<String> names() throws SQLException;

    abstract String schema();

    abstract String createFile();

    abstract String upgradeFile();

    /** Creates another empty database of the same kind. */
    abstract SchemaDatabase another();

    final void old(int version) throws SQLException {
        for (String statement : OldSchema.version(version)) {
            execute(ddl(statement));
        }
    }

    final void assertRefused(String message) {
        assertThatThrownBy(() -> JdbiMessageStore.open(pool))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE))
                .hasMessage(message);
    }

    final void assertIsAsNew() throws SQLException {
        SchemaDatabase fresh = another();
        JdbiMessageStore.open(fresh.pool).close();
        assertThat(shape()).isEqualTo(fresh.shape());
        fresh.close();
        assertThat(query("select version from confab_schema")).containsExactly("4");
    }

    final void execute(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : sql.split(";")) {
                statement.execute(one);
            }
        }
    }

    final List<String> query(String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                result.add(rows.getString(1));
            }
            return result;
        }
    }
}
