package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.publish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresSchemaTest extends SchemaContract {
    PostgresSchemaTest() {
        super(new PostgresSchemaDatabase());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type entry | create type entry as enum ('x')",
                "type entry | create type entry as (x int)",
                "type entry | create domain entry as int",
                "sequence entry | create sequence entry",
                "materialized view log_head | create materialized view log_head as select 1",
                "table entry_room | create table entry_room (id int)",
                "table entry | create table entry (id int) partition by range (id)",
            })
    void otherThingsOfOurNamesAreRefused(String name, String sql) throws SQLException {
        database.execute(sql);
        List<String> before = database.dump();
        database.assertRefused(name + ": exists in schema " + database.schema()
                + " but is not Confab's (expected: a schema without it;"
                + " rename it, or give Confab a schema of its own)");
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void nameInQuotesIsAnotherName() throws SQLException {
        database.execute("create table \"ENTRY\" (id int); insert into \"ENTRY\" values (1)");
        publish(JdbiMessageStore.open(database.pool), A, "hello");
        assertThat(all(JdbiMessageStore.open(database.pool), A)).hasSize(1);
        assertThat(database.query("select id from \"ENTRY\"")).containsExactly("1");
    }

    /** The tables are those of the first schema in the search path. */
    @Test
    void tablesLaterInTheSearchPathAreNotLookedAt() throws SQLException {
        database.execute("create table entry (id int, title varchar(9)); insert into entry values (1, 'x')");
        database.execute("create table participant (room varchar(9), nick varchar(9));"
                + " insert into participant values ('a', 'b')");
        List<String> before = database.dump();
        SchemaDatabase first = new PostgresSchemaDatabase(PostgresServer.newSchema() + "," + database.schema());
        for (int i = 1; i <= 2; i++) {
            MessageStore store = JdbiMessageStore.open(first.pool);
            publish(store, A, "hello");
            assertThat(all(store, A)).hasSize(i);
        }
        assertThat(first.query("select count(*) from pg_class where relnamespace = current_schema()::regnamespace"
                        + " and relname in ('entry', 'log_head', 'node_lease', 'confab_schema')"))
                .containsExactly("4");
        first.close();
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void logLaterInTheSearchPathIsRefusedAndNoSecondOneIsBegun() throws SQLException {
        publish(JdbiMessageStore.open(database.pool), A, "hello");
        List<String> before = database.dump();
        String url = PostgresServer.newSchema();
        String name = url.replaceFirst(".*currentSchema=", "");
        SchemaDatabase first = new PostgresSchemaDatabase(url + "," + database.schema());
        first.assertRefused("schema: " + name + " (expected: " + database.schema()
                + ", where the search path finds Confab's tables;" + " let it begin with that, or be without it)");
        assertThat(first.dump()).isEmpty();
        first.close();
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void searchPathWithoutASchemaIsRefused() {
        SchemaDatabase none = new PostgresSchemaDatabase(database.pool.getJdbcUrl() + "_none");
        none.assertRefused(
                "schema: none (expected: a search path with a schema that exists, such as currentSchema=public)");
        none.close();
    }
}
