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
import org.junit.jupiter.params.provider.ValueSource;

class H2SchemaTest extends SchemaContract {
    H2SchemaTest() {
        super(new H2SchemaDatabase());
    }

    @Test
    void nameInQuotesIsAnotherName() throws SQLException {
        database.execute("create table \"confab_message\" (\"id\" int); insert into \"confab_message\" values (1)");
        MessageStore store = JdbiMessageStore.open(database.pool);
        publish(store, A, "hello");
        assertThat(all(JdbiMessageStore.open(database.pool), A)).hasSize(1);
        assertThat(database.query("select \"id\" from \"confab_message\"")).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ";CASE_INSENSITIVE_IDENTIFIERS=TRUE",
                ";DATABASE_TO_LOWER=TRUE",
                ";DATABASE_TO_UPPER=FALSE",
                ";DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
                ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH",
                ";MODE=MySQL;DATABASE_TO_LOWER=TRUE"
            })
    void nameInQuotesIsRefusedWhereItMeansTheSameTable(String settings) throws SQLException {
        SchemaDatabase other = new H2SchemaDatabase(settings);
        other.execute("create table \"confab_message\" (\"id\" int); insert into \"confab_message\" values (1)");
        List<String> before = other.dump();
        other.assertRefused(
                "table confab_message: exists in schema public but is not Confab's (expected: a schema without it;"
                        + " rename it, or give Confab a schema or a table prefix of its own)");
        assertThat(other.dump()).isEqualTo(before);
        other.execute("drop table \"confab_message\"");
        publish(JdbiMessageStore.open(other.pool), A, "hello");
        assertThat(all(JdbiMessageStore.open(other.pool), A)).hasSize(1);
        other.close();
    }

    @Test
    void oldFormOfTheInformationSchemaIsSupported() throws SQLException {
        SchemaDatabase other = new H2SchemaDatabase(";OLD_INFORMATION_SCHEMA=TRUE");
        JdbiMessageStore.open(other.pool).close();
        publish(JdbiMessageStore.open(other.pool), A, "hello");
        other.execute("alter table confab_message drop column body");
        other.assertRefused("table confab_message: no column body (expected: body character varying not null;"
                + " another table took the place of Confab's, or somebody changed it: restore it)");
        other.close();
    }

    @Test
    void separateSchemaAvoidsNameConflicts() throws SQLException {
        SchemaDatabase other = new H2SchemaDatabase(";INIT=create schema if not exists chat\\;"
                + "create table if not exists public.confab_message (id int)\\;set schema chat");
        JdbiMessageStore.open(other.pool).close();
        publish(JdbiMessageStore.open(other.pool), A, "hello");
        assertThat(other.query("select count(*) from chat.confab_message")).containsExactly("1");
        assertThat(other.query("select count(*) from public.confab_message")).containsExactly("0");
        other.close();
    }

    @Test
    void synonymIsRefusedByName() throws SQLException {
        database.execute("create table post (id int); create synonym confab_message for post");
        List<String> before = database.dump();
        database.assertRefused(
                "synonym confab_message: exists in schema public but is not Confab's (expected: a schema without it;"
                        + " rename it, or give Confab a schema or a table prefix of its own)");
        assertThat(database.dump()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "chat, ''",
        "CHAT, ''",
        "Chat, ;DATABASE_TO_UPPER=FALSE",
        "Chat, ;DATABASE_TO_LOWER=TRUE",
        "Chat, ;DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
    })
    void configuredSchemaIsTheOneThatSqlFinds(String schema, String settings) throws SQLException {
        SchemaDatabase other = new H2SchemaDatabase(settings + ";INIT=create schema if not exists " + schema);
        JdbiStoreConfig config = JdbiStoreConfig.defaults().withSchema(schema);
        publish(JdbiMessageStore.open(other.pool, config), A, "hello");
        assertThat(all(JdbiMessageStore.open(other.pool, config), A)).hasSize(1);
        assertThat(other.query("select count(*) from " + schema + ".confab_message"))
                .containsExactly("1");
        other.close();
    }

    /** An earlier release stopped during its first start: the version is 0, and only some of the tables exist. */
    @Test
    void installationOfAnEarlierReleaseIsFinished() throws SQLException {
        List<String> statements = OldSchema.version(3).stream()
                .filter(statement -> statement.startsWith("create"))
                .toList();
        for (int some = 1; some <= statements.size(); some++) {
            SchemaDatabase other = database.another();
            for (String statement : statements.subList(0, some)) {
                other.execute(statement);
            }
            other.execute("insert into confab_schema values (1, 0)");
            // No message is in them, and an application may have created them meanwhile.
            String[] former = {"log_head", "entry", "room_trim", "publish_key", "node_lease", "node_participant"};
            List<String> before = other.dump(former);
            publish(JdbiMessageStore.open(other.pool), A, "hello");
            assertThat(all(JdbiMessageStore.open(other.pool), A)).hasSize(1);
            assertThat(other.query("select version from confab_schema")).containsExactly("4");
            assertThat(other.dump(former)).isEqualTo(before);
            other.close();
        }
    }

    /** Earlier releases changed tables before they had checked all tables. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create table confab_message (id int, title varchar(9)); insert into confab_message values (1, 'x')",
                "create table confab_message (id uuid primary key, room varchar not null, type varchar not null, nick varchar,"
                        + " body varchar not null); insert into confab_message values (random_uuid(), 'a', 'b', 'c', 'd')"
            })
    void tableOfAnApplicationInAnUnfinishedInstallationIsRefused(String entry) throws SQLException {
        database.execute("create table confab_schema (id int primary key, version int not null)");
        database.execute("insert into confab_schema values (1, 0)");
        database.execute("create table confab_log_head (id int primary key check (id = 1), origin uuid not null)");
        database.execute(entry);
        List<String> before = database.dump();
        database.assertRefused(
                "table confab_message: exists in schema public but is not Confab's (expected: a schema without it;"
                        + " rename it, or give Confab a schema or a table prefix of its own)");
        assertThat(database.dump()).isEqualTo(before);
    }

    /**
     * An earlier release stopped before it wrote the version, but after it had dropped the table {@code participant}.
     */
    @Test
    void migrationOfAnEarlierReleaseIsFinished() throws SQLException {
        database.old(1);
        for (String statement : OldSchema.LEASES) {
            database.execute(statement);
        }
        database.execute("insert into node_lease values ('" + Tables.NO_NODE + "', 0, false)");
        database.execute("insert into node_participant values ('a', 'ann', '" + Tables.NO_NODE + "')");
        database.execute("drop table participant");
        assertThat(JdbiMessageStore.open(database.pool).participants(A)).hasSize(1);
        database.assertIsAsNew();
    }
}
