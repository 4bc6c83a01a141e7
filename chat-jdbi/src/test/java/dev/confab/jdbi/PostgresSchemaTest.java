package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.ANN;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.append;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.join;
import static dev.confab.core.StoreCalls.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.MessageStore;
import dev.confab.core.Retention;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
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
                "type confab_message | create type confab_message as enum ('x')",
                "type confab_message | create type confab_message as (x int)",
                "type confab_message | create domain confab_message as int",
                "sequence confab_message | create sequence confab_message",
                "materialized view confab_log_head | create materialized view confab_log_head as select 1",
                "table confab_message_room | create table confab_message_room (id int)",
                "table confab_message | create table confab_message (id int) partition by range (id)",
            })
    void otherObjectsWithOurNamesAreRefused(String name, String sql) throws SQLException {
        database.execute(sql);
        List<String> before = database.dump();
        database.assertRefused(name + ": exists in schema " + database.schema()
                + " but is not Confab's (expected: a schema without it;"
                + " rename it, or give Confab a schema or a table prefix of its own)");
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void validationNeedsNoPrivilegeToChangeTables() throws SQLException {
        JdbiMessageStore.open(database.pool).close();
        String role = "guest_" + database.schema();
        database.execute("create role " + role + " login; grant usage on schema " + database.schema() + " to " + role
                + "; grant select, insert, update, delete on all tables in schema " + database.schema() + " to "
                + role);
        List<String> before = database.shape();
        String url = database.pool.getJdbcUrl().replace("user=postgres", "user=" + role);
        try (SchemaDatabase guest = new PostgresSchemaDatabase(url)) {
            MessageStore store =
                    JdbiMessageStore.open(guest.pool, JdbiStoreConfig.defaults().withSchemaMode(SchemaMode.VALIDATE));
            store.beginLease(NODE, Duration.ofSeconds(15));
            append(store, join(A, ANN));
            publish(store, A, "hello");
            store.trim(new Retention(null, 1));
            assertThat(bodies(all(store, A))).containsExactly("hello");
            guest.execute("insert into confab_outbox (room, body) values ('a', 'from the outbox')");
            assertThat(store.takeOutbox()).isNotNull();
            assertThatThrownBy(() -> guest.execute("create table more (id int)"))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(database.shape()).isEqualTo(before);
    }

    @Test
    void nameInQuotesIsAnotherName() throws SQLException {
        database.execute("create table \"CONFAB_MESSAGE\" (id int); insert into \"CONFAB_MESSAGE\" values (1)");
        publish(JdbiMessageStore.open(database.pool), A, "hello");
        assertThat(all(JdbiMessageStore.open(database.pool), A)).hasSize(1);
        assertThat(database.query("select id from \"CONFAB_MESSAGE\"")).containsExactly("1");
    }

    /** Confab's tables are in the first schema of the search path. */
    @Test
    void tablesLaterInTheSearchPathAreIgnored() throws SQLException {
        database.execute(
                "create table confab_message (id int, title varchar(9)); insert into confab_message values (1, 'x')");
        database.execute("create table participant (room varchar(9), nick varchar(9));"
                + " insert into participant values ('a', 'b')");
        List<String> before = database.dump();
        SchemaDatabase first = new PostgresSchemaDatabase(PostgresServer.newSchema() + "," + database.schema());
        for (int i = 1; i <= 2; i++) {
            MessageStore store = JdbiMessageStore.open(first.pool);
            publish(store, A, "hello");
            assertThat(all(store, A)).hasSize(i);
        }
        assertThat(
                        first.query(
                                "select count(*) from pg_class where relnamespace = current_schema()::regnamespace"
                                        + " and relname in ('confab_message', 'confab_log_head', 'confab_node_lease', 'confab_schema')"))
                .containsExactly("4");
        first.close();
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void logLaterInTheSearchPathIsRefusedAndNoSecondLogIsCreated() throws SQLException {
        publish(JdbiMessageStore.open(database.pool), A, "hello");
        List<String> before = database.dump();
        String url = PostgresServer.newSchema();
        String name = url.replaceFirst(".*currentSchema=", "");
        SchemaDatabase first = new PostgresSchemaDatabase(url + "," + database.schema());
        first.assertRefused("schema: " + name + " (expected: " + database.schema()
                + ", where the search path finds Confab's tables; begin the search path with that schema, or remove"
                + " that schema from it)");
        assertThat(first.dump()).isEmpty();
        first.close();
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void validationOfALogLaterInTheSearchPathNamesItsSchema() {
        publish(JdbiMessageStore.open(database.pool), A, "hello");
        String url = PostgresServer.newSchema();
        String name = url.replaceFirst(".*currentSchema=", "");
        try (SchemaDatabase first = new PostgresSchemaDatabase(url + "," + database.schema())) {
            JdbiStoreConfig validate = JdbiStoreConfig.defaults().withSchemaMode(SchemaMode.VALIDATE);
            assertThatThrownBy(() -> JdbiMessageStore.open(first.pool, validate))
                    .hasMessage("schema: " + name + " (expected: " + database.schema()
                            + ", where the search path finds Confab's tables; begin the search path with that schema,"
                            + " or remove that schema from it)");
        }
    }

    /** Continues after an error, as psql does. */
    @Test
    void upgradeFileChangesNothingInAnotherSchema() throws SQLException, IOException {
        database.old(3);
        SchemaDatabase application = new PostgresSchemaDatabase();
        application.execute(ApplicationTables.SQL);
        List<String> before = application.dump();
        String file;
        try (InputStream in = getClass().getResourceAsStream("/" + database.upgradeFile())) {
            file = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (String path : List.of(application.schema(), application.schema() + "," + database.schema())) {
            String url = database.pool.getJdbcUrl().replaceFirst("currentSchema=.*", "currentSchema=" + path);
            try (Connection connection = PostgresServer.unpooled(url).getConnection();
                    Statement statement = connection.createStatement()) {
                for (String sql : file.split(";")) {
                    try {
                        statement.execute(sql);
                    } catch (SQLException e) {
                        assertThat(e.getSQLState()).isIn("42P01", "22012", "25P02");
                    }
                }
            }
        }
        assertThat(application.dump()).isEqualTo(before);
        application.close();
        assertThat(bodies(all(JdbiMessageStore.open(database.pool), A))).containsExactly("kept");
    }

    @Test
    void constraintOfAnApplicationWithATablesNameDoesNoHarm() throws SQLException {
        database.execute("create table post (id int, constraint confab_outbox check (id > 0))");
        database.old(3);
        database.execute("create table log_head_backup (like log_head including all)");
        for (int i = 1; i <= 2; i++) {
            MessageStore store = JdbiMessageStore.open(database.pool);
            publish(store, A, "hello");
            assertThat(all(store, A)).hasSize(1 + i);
        }
        assertThat(database.query("select conname from pg_constraint where contype = 'c'"
                        + " and conrelid = 'confab_log_head'::regclass"))
                .containsExactly("confab_log_head_id_check");
    }

    @Test
    void searchPathWithoutASchemaIsRefused() {
        SchemaDatabase none = new PostgresSchemaDatabase(database.pool.getJdbcUrl() + "_none");
        none.assertRefused(
                "schema: none (expected: a search path with a schema that exists, such as currentSchema=public)");
        none.close();
    }
}
